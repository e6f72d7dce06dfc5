package io.inmesh.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When to ask for the next certificate. Istio's agent's numbers: at 0.5 of the lifetime, plus or
 * minus 0.01 of it; after a failure 1 s, doubling to 60 s, plus or minus a fifth.
 */
final class RenewalTimes {
  private static final double RATIO = 0.5;
  private static final double RATIO_JITTER = 0.01;
  private static final double RETRY_JITTER = 0.2;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);
  private static final Duration SHORTEST = Duration.ofMillis(100);

  private final RandomGenerator random;

  RenewalTimes(RandomGenerator random) {
    this.random = random;
  }

  /** Counted from receipt: a CA may date a certificate back. */
  Duration untilRenewal(Instant received, Instant notAfter) {
    double ratio = RATIO + spread(RATIO_JITTER);
    return atLeast(scale(Duration.between(received, notAfter), ratio));
  }

  /**
   * @param failures in a row, 1 or more
   */
  Duration untilRetry(int failures) {
    Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 6));
    Duration capped = delay.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : delay;
    return atLeast(scale(capped, 1 + spread(RETRY_JITTER)));
  }

  private double spread(double width) {
    return (random.nextDouble() * 2 - 1) * width;
  }

  private static Duration scale(Duration duration, double factor) {
    return Duration.ofMillis((long) (duration.toMillis() * factor));
  }

  private static Duration atLeast(Duration delay) {
    return delay.compareTo(SHORTEST) < 0 ? SHORTEST : delay;
  }
}
