/** The mesh tells its metrics and spans to what the application already has. */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot.telemetry;
