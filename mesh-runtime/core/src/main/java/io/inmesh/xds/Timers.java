package io.inmesh.xds;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** At most one running timer for each name. */
final class Timers {
  /**
   * A message may carry a duration of thousands of years, which is more nanoseconds than there are.
   */
  private static final Duration LONGEST = Duration.ofDays(365);

  private final ScheduledExecutorService scheduler;
  private final Consumer<String> expired;
  private final Map<String, Future<?>> running = new HashMap<>();

  Timers(ScheduledExecutorService scheduler, Consumer<String> expired) {
    this.scheduler = scheduler;
    this.expired = expired;
  }

  void start(String name, Duration after) {
    cancel(name);
    running.put(
        name,
        scheduler.schedule(
            () -> {
              // cancelled after it had been queued: no longer of interest
              if (running.remove(name) != null) {
                expired.accept(name);
              }
            },
            (after.compareTo(LONGEST) < 0 ? after : LONGEST).toNanos(),
            TimeUnit.NANOSECONDS));
  }

  void cancel(String name) {
    Future<?> timer = running.remove(name);
    if (timer != null) {
      timer.cancel(false);
    }
  }

  void cancelAll() {
    running.values().forEach(timer -> timer.cancel(false));
    running.clear();
  }
}
