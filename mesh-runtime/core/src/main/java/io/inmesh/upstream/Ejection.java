package io.inmesh.upstream;

/**
 * Where a host stands with outlier detection. Times in nanoseconds of the caller's clock.
 *
 * @param removed no longer in the cluster: results do not count any more
 * @param untilNanos end of the ejection, without the wait for the interval; only when ejected
 * @param multiplier by which the next ejection's time grows; falls by one per interval in health
 * @param count ejections so far
 * @param returnedNanos when it last came back; only if {@code count > 0}
 */
record Ejection(
    boolean ejected,
    boolean removed,
    long untilNanos,
    int multiplier,
    int count,
    long returnedNanos) {
  static final Ejection NONE = new Ejection(false, false, 0, 0, 0, 0);

  Ejection eject(long until, int newMultiplier) {
    return new Ejection(true, removed, until, newMultiplier, count + 1, returnedNanos);
  }

  Ejection back(long now) {
    return new Ejection(false, removed, 0, multiplier, count, now);
  }

  Ejection forgive(long intervals) {
    int left = (int) Math.max(0, multiplier - intervals);
    return new Ejection(ejected, removed, untilNanos, left, count, returnedNanos);
  }

  Ejection gone() {
    return new Ejection(false, true, 0, 0, count, returnedNanos);
  }
}
