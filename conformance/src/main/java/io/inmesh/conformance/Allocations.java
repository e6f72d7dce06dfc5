package io.inmesh.conformance;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * What calls allocate, for gates that hold the figures of docs/benchmarks.md. Bytes, unlike times,
 * do not depend on how busy a machine is, but code that is not compiled yet allocates more: so a
 * round is measured again until it is good enough, for at most a minute.
 */
public final class Allocations {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 1_000;
  private static final long LIMIT_NANOS = Duration.ofMinutes(1).toNanos();

  private Allocations() {}

  /**
   * Bytes a call allocates on the thread that makes it.
   *
   * @param enough where measuring may stop
   * @return the least of all rounds
   */
  public static long ofCaller(long enough, Callable<?> call) throws Exception {
    return least(enough, call, THREADS::getCurrentThreadAllocatedBytes);
  }

  /** Bytes a call allocates on all threads whose names these are. */
  public static long ofThreads(long enough, Predicate<String> names, Callable<?> call)
      throws Exception {
    return least(enough, call, () -> allocated(names));
  }

  private static long least(long enough, Callable<?> call, Callable<Long> allocated)
      throws Exception {
    long least = Long.MAX_VALUE;
    long end = System.nanoTime() + LIMIT_NANOS;
    while (least > enough && System.nanoTime() < end) {
      long before = allocated.call();
      for (int i = 0; i < CALLS; i++) {
        call.call();
      }
      least = Math.min(least, (allocated.call() - before) / CALLS);
    }
    return least;
  }

  private static long allocated(Predicate<String> names) {
    long all = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (names.test(thread.getName())) {
        all += THREADS.getThreadAllocatedBytes(thread.getId());
      }
    }
    return all;
  }
}
