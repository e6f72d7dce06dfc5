/**
 * A real Envoy 1.40 beside the tests: found or installed by {@code build/envoy.sh}, started on
 * loopback, read through its admin port. Knows nothing of Inmesh.
 */
@NullMarked
package io.inmesh.envoy;

import org.jspecify.annotations.NullMarked;
