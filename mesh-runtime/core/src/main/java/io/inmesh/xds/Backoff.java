package io.inmesh.xds;

import java.time.Duration;

/**
 * How long to wait between streams, by gRFC A57: exponential while streams end without a response,
 * from the start again once one has answered. The wait runs from the start of the stream that
 * ended, so the end of an old stream is followed by a new one at once.
 *
 * @param initial the first wait, 1 s
 * @param multiplier from one wait to the next, 1.6
 * @param max the longest wait before jitter, 30 s (gRPC's own channels go to 120 s, Envoy's streams
 *     to 30 s)
 * @param jitter by which share a wait may be longer or shorter, 0.2
 */
public record Backoff(Duration initial, double multiplier, Duration max, double jitter) {
  public static final Backoff DEFAULT =
      new Backoff(Duration.ofSeconds(1), 1.6, Duration.ofSeconds(30), 0.2);

  public Backoff {
    if (initial.isZero() || initial.isNegative() || max.compareTo(initial) < 0) {
      throw new IllegalArgumentException(
          "back-off needs 0 < initial <= max: " + initial + ", " + max);
    }
    if (multiplier < 1 || jitter < 0 || jitter >= 1) {
      throw new IllegalArgumentException(
          "back-off needs multiplier >= 1 and 0 <= jitter < 1: " + multiplier + ", " + jitter);
    }
  }

  /**
   * The wait after so many streams in a row without a response.
   *
   * @param failures 0 for a stream that had answered
   * @param random in [0, 1)
   */
  Duration delay(int failures, double random) {
    double base = (double) initial.toNanos() * Math.pow(multiplier, Math.max(0, failures - 1));
    double capped = Math.min(base, (double) max.toNanos());
    return Duration.ofNanos((long) (capped * (1 + jitter * (2 * random - 1))));
  }
}
