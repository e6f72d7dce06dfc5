package io.inmesh.upstream;

import io.inmesh.config.RetryPolicy;
import java.util.function.LongSupplier;

/**
 * Pause before a retry, as Envoy's code has it: random in {@code [0, min(base * 2^(n-1), max))} for
 * the n-th retry. (Its documentation speaks of {@code 2^n - 1}; the code is the judge.)
 */
public final class RetryBackOff {
  private RetryBackOff() {}

  /**
   * @param retry 1 for the first retry
   */
  public static long nextNanos(int retry, RetryPolicy policy, LongSupplier random) {
    long base = Math.max(1, policy.baseNanos());
    long max = Math.max(base, policy.maxNanos());
    int doublings = Math.min(Math.max(0, retry - 1), 62);
    // compared by division, so that nothing overflows
    long bound = max >> doublings >= base ? base << doublings : max;
    return Long.remainderUnsigned(random.getAsLong(), bound);
  }
}
