package io.inmesh.driver;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Clock, timer and worker threads that the drivers of one mesh share. Thread-safe.
 *
 * @param nanos the clock of every deadline
 * @param timer only cancels attempts and wakes drivers; its tasks never block
 * @param workers run hedged attempts and mirrors; bounded by what the breakers allow
 * @param deadlines of blocking drivers
 */
public record DriverEnvironment(
    LongSupplier nanos, ScheduledExecutorService timer, Executor workers, Deadlines deadlines)
    implements AutoCloseable {

  public DriverEnvironment(LongSupplier nanos, ScheduledExecutorService timer, Executor workers) {
    this(nanos, timer, workers, new Deadlines(nanos, timer));
  }

  /** System clock, one timer thread, as many daemon workers as are needed at a time. */
  public static DriverEnvironment create() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons("inmesh-timer"));
    timer.setRemoveOnCancelPolicy(true);
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            daemons("inmesh-worker"));
    return new DriverEnvironment(System::nanoTime, timer, workers);
  }

  private static ThreadFactory daemons(String name) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory plain = Executors.defaultThreadFactory();
    return task -> {
      Thread thread = plain.newThread(task);
      thread.setDaemon(true);
      thread.setName(name + "-" + number.incrementAndGet());
      return thread;
    };
  }

  @Override
  public void close() {
    timer.shutdownNow();
    if (workers instanceof ThreadPoolExecutor pool) {
      pool.shutdownNow();
    }
  }
}
