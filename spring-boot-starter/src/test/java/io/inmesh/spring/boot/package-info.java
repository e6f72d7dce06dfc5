/** What users of Spring Boot see. */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot;
