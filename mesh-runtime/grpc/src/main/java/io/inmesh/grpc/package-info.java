/**
 * The grpc-java adapter, client side: channels whose RPCs are calls of the mesh. Translates heads,
 * moves messages, decides nothing. Knows the seam ({@code call}, {@code driver}, {@code runtime})
 * and grpc-java; each of grpc-java's {@code @Internal} names lives in one class.
 */
@NullMarked
package io.inmesh.grpc;

import org.jspecify.annotations.NullMarked;
