/**
 * The contract that every adapter passes, and the judges: Envoy, and recorded control planes. Knows
 * the seam and the engine's test tables; an adapter comes in by {@link
 * io.inmesh.conformance.ClientUnderTest}.
 */
@NullMarked
package io.inmesh.conformance;

import org.jspecify.annotations.NullMarked;
