/**
 * What applications and extensions compile against: starting a mesh, its settings, and who is
 * talking. Knows the JDK and JSpecify only; no type of a third party stands in a signature here.
 * The runtime is found by {@link java.util.ServiceLoader}.
 */
@org.jspecify.annotations.NullMarked
package io.inmesh;
