/**
 * gRPC calls through the engine, as a prototype: flow control, trailers and several attempts of
 * streams in both directions. Knows grpc-java's public API and the serial driver; is not shipped.
 */
@NullMarked
package io.inmesh.conformance.grpc;

import org.jspecify.annotations.NullMarked;
