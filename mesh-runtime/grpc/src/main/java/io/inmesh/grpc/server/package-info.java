/**
 * The grpc-java adapter, server side. Knows the seam ({@code call}, {@code driver}, {@code
 * runtime}) and grpc-java, nothing of the client side.
 */
@NullMarked
package io.inmesh.grpc.server;

import org.jspecify.annotations.NullMarked;
