package io.inmesh.identity;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs at once what is due at once; what is for later waits until a test says that time has come.
 */
public final class ManualScheduler extends ScheduledThreadPoolExecutor {
  private final LinkedBlockingQueue<Later> later = new LinkedBlockingQueue<>();

  public record Later(Duration delay, Runnable task) {}

  public ManualScheduler() {
    super(1);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    if (delay <= 0) {
      return super.schedule(task, 0, unit);
    }
    later.add(new Later(Duration.ofNanos(unit.toNanos(delay)), task));
    return super.schedule(() -> {}, 0, unit);
  }

  /** Waits until something is put off and gives its delay; it is run by {@link #run}. */
  public Later next() throws InterruptedException {
    Later next = later.poll(15, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was scheduled");
    }
    return next;
  }

  /** Nothing waits for its time. */
  public boolean idle() {
    return later.isEmpty();
  }

  public void run(Later due) {
    super.schedule(due.task(), 0, TimeUnit.NANOSECONDS);
  }
}
