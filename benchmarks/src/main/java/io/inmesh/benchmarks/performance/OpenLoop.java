package io.inmesh.benchmarks.performance;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls that fall due at a fixed rate whatever becomes of those before them. A caller that waits
 * for its call to fall due counts from when it woke, since the timer's lateness is nobody's
 * latency; one that comes too late, because calls before it were slow, counts from when the call
 * was due: what waits behind a slow call is slow (coordinated omission).
 */
final class OpenLoop {
  /** Time, and a way to let it pass. */
  interface Clock {
    Clock SYSTEM =
        new Clock() {
          @Override
          public long nanos() {
            return System.nanoTime();
          }

          @Override
          public void await(long due) {
            for (long left = due - nanos(); left > 0; left = due - nanos()) {
              LockSupport.parkNanos(left);
            }
          }
        };

    long nanos();

    /** Returns when {@code due} has come. */
    void await(long due);
  }

  /** One call. */
  @FunctionalInterface
  interface Action {
    /** False: failed. */
    boolean call();
  }

  private final Clock clock;
  private final long start;
  private final long interval;
  private final long slots;
  private final AtomicLong next = new AtomicLong();

  /**
   * @param start when the first call is due
   * @param interval between calls
   */
  OpenLoop(Clock clock, long start, long interval, long slots) {
    this.clock = clock;
    this.start = start;
    this.interval = interval;
    this.slots = slots;
  }

  /** What one of the calling threads does, until all calls are taken. */
  void work(Action action, Latencies into) {
    for (long slot = next.getAndIncrement(); slot < slots; slot = next.getAndIncrement()) {
      long due = start + slot * interval;
      long from = due;
      if (clock.nanos() < due) {
        clock.await(due);
        from = clock.nanos();
      }
      boolean good = action.call();
      into.add(clock.nanos() - from, good);
    }
  }
}
