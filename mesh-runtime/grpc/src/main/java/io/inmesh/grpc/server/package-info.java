/**
 * The grpc-java adapter, server side. Knows the seam ({@code call}, {@code driver}, {@code
 * runtime}) and grpc-java, nothing of the client side. The internal names of grpc-netty live in
 * {@code NettyPort}, those of its shaded form in {@code ShadedNettyPort}.
 */
@NullMarked
package io.inmesh.grpc.server;

import org.jspecify.annotations.NullMarked;
