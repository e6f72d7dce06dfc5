/**
 * The workloads that are connected or were a moment ago, remembered on disk across restarts of the
 * control plane.
 *
 * <p>Knows time and a file. Knows nothing of Envoy, of streams or of what is done with the
 * registrations.
 */
@NullMarked
package io.inmesh.controlplane.registry;

import org.jspecify.annotations.NullMarked;
