package io.inmesh.runtime;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** For server adapters: counts requests that are being served. Thread-safe. */
public final class RunningRequests {
  private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(5);

  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();

  public void begin() {
    begun.increment();
  }

  public void end() {
    ended.increment();
  }

  public boolean none() {
    return ended.sum() >= begun.sum();
  }

  /**
   * Waits until none is left, or the time is over, or the thread is interrupted.
   *
   * @return whether none is left
   */
  public boolean awaitNone(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (!none() && System.nanoTime() - end < 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(LOOK_AGAIN);
    }
    return none();
  }
}
