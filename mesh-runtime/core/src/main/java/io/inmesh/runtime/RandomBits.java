package io.inmesh.runtime;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * 64 random bits for load balancing, fractions and request ids: without a lock and without secrets.
 */
final class RandomBits implements LongSupplier {
  @Override
  public long getAsLong() {
    return ThreadLocalRandom.current().nextLong();
  }
}
