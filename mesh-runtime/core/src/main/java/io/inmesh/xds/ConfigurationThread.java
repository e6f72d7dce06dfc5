package io.inmesh.xds;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The one thread on which configuration is received, with its clock and its dice. */
final class ConfigurationThread {
  private final ScheduledExecutorService scheduler;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final boolean owned;
  private volatile @Nullable Thread current;

  ConfigurationThread(
      ScheduledExecutorService scheduler,
      LongSupplier nanoTime,
      DoubleSupplier random,
      boolean owned) {
    this.scheduler = scheduler;
    this.nanoTime = nanoTime;
    this.random = random;
    this.owned = owned;
    scheduler.execute(() -> current = Thread.currentThread());
  }

  static ScheduledExecutorService create() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "inmesh-configuration");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return executor;
  }

  ScheduledExecutorService scheduler() {
    return scheduler;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  double random() {
    return random.getAsDouble();
  }

  boolean isCurrent() {
    return Thread.currentThread().equals(current);
  }

  void end() {
    if (owned) {
      scheduler.shutdown();
    }
  }
}
