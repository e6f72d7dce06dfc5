package io.inmesh.call;

import io.inmesh.filter.LocalNode;
import io.inmesh.upstream.Clusters;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What every call of a mesh shares.
 *
 * @param random 64 random bits, lock-free and without allocation
 * @param listener told of each call's end, on its driver's thread; must not block
 * @param node what this process tells its peers of itself; null: nothing
 */
public record CallEnvironment(
    Clusters clusters, LongSupplier random, CallListener listener, @Nullable LocalNode node) {

  public CallEnvironment(Clusters clusters, LongSupplier random, CallListener listener) {
    this(clusters, random, listener, null);
  }
}
