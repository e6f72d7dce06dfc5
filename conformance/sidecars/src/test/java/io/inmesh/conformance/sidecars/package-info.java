/**
 * Inmesh and real Envoys as sidecars of one mesh, under the embedded control plane: whoever is on
 * the other side, nobody can tell. Knows applications' interfaces only, and Envoy's.
 */
@NullMarked
package io.inmesh.conformance.sidecars;

import org.jspecify.annotations.NullMarked;
