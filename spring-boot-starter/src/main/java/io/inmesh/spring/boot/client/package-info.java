/**
 * Captures the application's HTTP clients: RestClient, RestTemplate and HTTP service interfaces
 * through the builders that Spring Boot gives them, client beans by what they are.
 */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot.client;
