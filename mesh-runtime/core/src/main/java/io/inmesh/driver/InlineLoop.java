package io.inmesh.driver;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time on the thread that brings them; one that finds another thread at work
 * leaves its task to that thread. No lock, and no hand-over where there is no contention.
 */
public final class InlineLoop implements Executor {
  private static final AtomicIntegerFieldUpdater<InlineLoop> PENDING =
      AtomicIntegerFieldUpdater.newUpdater(InlineLoop.class, "pending");

  private final Consumer<RuntimeException> failed;
  private volatile @Nullable Queue<Runnable> left;

  /** Tasks that run or wait. By {@link #PENDING}. */
  private volatile int pending;

  /**
   * @param failed told what a task throws, on the thread that ran it
   */
  public InlineLoop(Consumer<RuntimeException> failed) {
    this.failed = failed;
  }

  @Override
  public void execute(Runnable task) {
    if (PENDING.compareAndSet(this, 0, 1)) {
      run(task);
    } else {
      queue().add(task);
      if (PENDING.getAndIncrement(this) != 0) {
        return;
      }
      runNext();
    }
    while (PENDING.decrementAndGet(this) != 0) {
      runNext();
    }
  }

  private void runNext() {
    Queue<Runnable> queue = left;
    Runnable task = queue == null ? null : queue.poll();
    if (task != null) {
      run(task);
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      failed.accept(e);
    } catch (Error e) { // the loop must go on: what follows ends the call
      failed.accept(new IllegalStateException(e));
    }
  }

  private Queue<Runnable> queue() {
    Queue<Runnable> queue = left;
    if (queue == null) {
      synchronized (this) {
        queue = left;
        if (queue == null) {
          queue = new ConcurrentLinkedQueue<>();
          left = queue;
        }
      }
    }
    return queue;
  }
}
