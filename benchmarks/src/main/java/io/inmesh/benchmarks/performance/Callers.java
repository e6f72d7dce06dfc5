package io.inmesh.benchmarks.performance;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The calling threads of a process. They live as long as it does: the CPU time of a thread that has
 * ended is not found any more.
 */
final class Callers {
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "caller");
            thread.setDaemon(true);
            return thread;
          });

  /** Each asks again when it has its answer. */
  Round closed(int callers, long millis, OpenLoop.Action action) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    return run(
        callers,
        into -> {
          for (long now = System.nanoTime(); now < end; ) {
            boolean good = action.call();
            long after = System.nanoTime();
            into.add(after - now, good);
            now = after;
          }
        });
  }

  /** At a fixed rate. */
  Round open(int callers, int rate, long millis, OpenLoop.Action action)
      throws InterruptedException {
    long interval = TimeUnit.SECONDS.toNanos(1) / rate;
    OpenLoop loop =
        new OpenLoop(
            OpenLoop.Clock.SYSTEM,
            System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10),
            interval,
            Math.max(1, TimeUnit.MILLISECONDS.toNanos(millis) / interval));
    return run(callers, into -> loop.work(action, into));
  }

  @FunctionalInterface
  private interface Work {
    void into(Latencies latencies);
  }

  private Round run(int callers, Work work) throws InterruptedException {
    List<Latencies> latencies = new ArrayList<>();
    List<Future<Long>> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < callers; i++) {
      Latencies mine = new Latencies();
      latencies.add(mine);
      running.add(threads.submit(() -> allocated(work, mine)));
    }
    long allocated = 0;
    for (Future<Long> each : running) {
      try {
        allocated += each.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a caller failed", e);
      }
    }
    long took = System.nanoTime() - start;
    long[] sorted = Latencies.sorted(latencies);
    return new Round(
        sorted.length,
        Latencies.failures(latencies),
        Latencies.at(sorted, 0.5),
        Latencies.at(sorted, 0.99),
        allocated,
        took);
  }

  private static long allocated(Work work, Latencies mine) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.into(mine);
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
