/**
 * The embedded control plane: a folder of Istio YAML in, xDS and certificates out. For one machine:
 * a laptop, tests, the quickstart.
 *
 * <p>Wires the packages below it together and owns the thread on which all state changes. May know
 * everything.
 */
@NullMarked
package io.inmesh.controlplane;

import org.jspecify.annotations.NullMarked;
