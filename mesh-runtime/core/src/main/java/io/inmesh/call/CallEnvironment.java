package io.inmesh.call;

import io.inmesh.upstream.Clusters;
import java.util.function.LongSupplier;

/**
 * What every call of a mesh shares.
 *
 * @param random 64 random bits, lock-free and without allocation
 * @param listener told of each call's end, on its driver's thread; must not block
 */
public record CallEnvironment(Clusters clusters, LongSupplier random, CallListener listener) {}
