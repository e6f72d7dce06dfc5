/**
 * The mesh of a Spring Boot application: its settings, its life, who asks for it. Decides nothing
 * and moves nothing; adapters do.
 */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot;
