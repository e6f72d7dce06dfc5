/**
 * A client on an event loop, as a prototype: proves that the seam fits clients that never block.
 * Knows Netty (the one inside grpc-netty-shaded) and the serial driver; is not shipped.
 */
@NullMarked
package io.inmesh.conformance.serial;

import org.jspecify.annotations.NullMarked;
