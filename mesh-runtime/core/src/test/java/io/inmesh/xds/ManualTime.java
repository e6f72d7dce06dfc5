package io.inmesh.xds;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A scheduler with one real thread whose time stands still until {@link #advance} moves it. What is
 * to be done now is done now.
 */
public final class ManualTime extends AbstractExecutorService implements ScheduledExecutorService {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread t = new Thread(task, "manual-time");
            t.setDaemon(true);
            return t;
          });
  private final PriorityQueue<Task<?>> waiting = new PriorityQueue<>();
  private long now;
  private long scheduled;

  public synchronized long nanoTime() {
    return now;
  }

  /** The delays of what is waiting, soonest first. */
  public synchronized List<Duration> waiting() {
    return waiting.stream().sorted().map(t -> Duration.ofNanos(t.due - now)).toList();
  }

  /** Lets time pass and waits until everything that became due is done. */
  public void advance(Duration by) {
    long target;
    synchronized (this) {
      target = now + by.toNanos();
    }
    for (Task<?> next; (next = pollDue(target)) != null; ) {
      thread.execute(next);
      drain();
    }
    synchronized (this) {
      now = target;
    }
    drain();
  }

  /** Waits until the thread has done what was queued so far. */
  public void drain() {
    try {
      thread.submit(() -> {}).get(30, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private synchronized Task<?> pollDue(long target) {
    Task<?> next = waiting.peek();
    if (next == null || next.due > target) {
      return null;
    }
    now = Math.max(now, next.due);
    return waiting.poll();
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(task);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return schedule(Executors.callable(command), delay, unit);
  }

  @Override
  public synchronized <V> ScheduledFuture<V> schedule(
      Callable<V> callable, long delay, TimeUnit unit) {
    Task<V> task = new Task<>(callable, now + unit.toNanos(delay), scheduled++);
    if (delay <= 0) {
      thread.execute(task);
    } else {
      waiting.add(task);
    }
    return task;
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void shutdown() {
    thread.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return new ArrayList<>(thread.shutdownNow());
  }

  @Override
  public boolean isShutdown() {
    return thread.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return thread.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return thread.awaitTermination(timeout, unit);
  }

  private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
    private final long due;
    private final long order;

    Task(Callable<V> callable, long due, long order) {
      super(callable);
      this.due = due;
      this.order = order;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      synchronized (ManualTime.this) {
        waiting.remove(this);
      }
      return super.cancel(mayInterrupt);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Task<?> that = (Task<?>) other;
      int byTime = Long.compare(due, that.due);
      return byTime != 0 ? byTime : Long.compare(order, that.order);
    }

    @Override
    public boolean isPeriodic() {
      return false;
    }
  }
}
