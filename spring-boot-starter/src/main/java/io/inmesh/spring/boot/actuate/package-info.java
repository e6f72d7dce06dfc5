/** The mesh in Actuator: health, info, the endpoint {@code inmesh}, probes under STRICT. */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot.actuate;
