package io.inmesh.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer whose time passes when a test says so; only {@code schedule(Runnable)} is there. */
final class ManualTimer extends ScheduledThreadPoolExecutor {
  private final List<Task> tasks = new ArrayList<>();
  private long now = 1_000_000;
  int scheduled;

  ManualTimer() {
    super(0);
  }

  long nanos() {
    return now;
  }

  int pending() {
    return tasks.size();
  }

  void advance(long nanos) {
    now += nanos;
    for (Task task : List.copyOf(tasks)) {
      if (task.at <= now && tasks.remove(task)) {
        task.action.run();
      }
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable action, long delay, TimeUnit unit) {
    scheduled++;
    Task task = new Task(action, now + unit.toNanos(delay));
    tasks.add(task);
    return task;
  }

  private final class Task implements ScheduledFuture<Object> {
    private final Runnable action;
    private final long at;

    Task(Runnable action, long at) {
      this.action = action;
      this.at = at;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      return tasks.remove(this);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at - now, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }

    @Override
    public boolean isCancelled() {
      return !tasks.contains(this);
    }

    @Override
    public boolean isDone() {
      return !tasks.contains(this);
    }

    @Override
    public Object get() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object get(long timeout, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }
  }
}
