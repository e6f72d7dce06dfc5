/**
 * Dumps of sidecars, judged for a move off the sidecar.
 *
 * <p>Knows Envoy's dumps, istioctl's output, the support ledger and the configuration compilers.
 * Knows nothing of terminals.
 */
@NullMarked
package io.inmesh.cli.check;

import org.jspecify.annotations.NullMarked;
