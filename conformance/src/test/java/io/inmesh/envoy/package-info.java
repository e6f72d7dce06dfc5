/** That the real Envoy of the tests starts, tells what it does, and ends. Knows that Envoy only. */
@NullMarked
package io.inmesh.envoy;

import org.jspecify.annotations.NullMarked;
