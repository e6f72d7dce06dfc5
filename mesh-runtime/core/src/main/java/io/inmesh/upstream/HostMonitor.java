package io.inmesh.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** What outlier detection counts for one host. Lock-free. */
final class HostMonitor {
  final AtomicInteger consecutive5xx = new AtomicInteger();
  final AtomicInteger consecutiveGateway = new AtomicInteger();
  final AtomicInteger consecutiveLocalOrigin = new AtomicInteger();
  final Rate external = new Rate();
  final Rate localOrigin = new Rate();
  private final AtomicReference<Ejection> ejection = new AtomicReference<>(Ejection.NONE);

  Ejection ejection() {
    return ejection.get();
  }

  boolean change(Ejection from, Ejection to) {
    return ejection.compareAndSet(from, to);
  }

  /** The host was removed and is back before its last lease ended: it starts afresh. */
  void readmit() {
    resetConsecutive();
    ejection.set(Ejection.NONE);
  }

  void resetConsecutive() {
    clear(consecutive5xx);
    clear(consecutiveGateway);
    clear(consecutiveLocalOrigin);
  }

  /** Writes only if there is something to clear: the counters of healthy hosts stay unshared. */
  static void clear(AtomicInteger counter) {
    if (counter.get() != 0) {
      counter.set(0);
    }
  }

  /** Successes and totals of one interval; the last full interval is what is judged. */
  static final class Rate {
    private final AtomicLong successes = new AtomicLong();
    private final AtomicLong total = new AtomicLong();

    void add(boolean success) {
      total.getAndIncrement();
      if (success) {
        successes.getAndIncrement();
      }
    }

    /** Ends the interval. */
    Interval rotate() {
      // successes first: a result between the two reads cannot make more successes than results
      long good = successes.getAndSet(0);
      return new Interval(good, Math.max(good, total.getAndSet(0)));
    }
  }

  /** One interval's results. */
  record Interval(long successes, long total) {
    double percent() {
      return total == 0 ? 100 : successes * 100.0 / total;
    }
  }
}
