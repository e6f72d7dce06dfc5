package io.inmesh.driver;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time on the thread that brings them; one that finds another thread at work
 * leaves its task to that thread. No lock, and no hand-over where there is no contention.
 */
public final class InlineLoop implements Executor {
  private final AtomicInteger pending = new AtomicInteger();
  private final Consumer<RuntimeException> failed;
  private volatile @Nullable Queue<Runnable> left;

  /**
   * @param failed told what a task throws, on the thread that ran it
   */
  public InlineLoop(Consumer<RuntimeException> failed) {
    this.failed = failed;
  }

  @Override
  public void execute(Runnable task) {
    if (pending.compareAndSet(0, 1)) {
      run(task);
    } else {
      queue().add(task);
      if (pending.getAndIncrement() != 0) {
        return;
      }
      runNext();
    }
    while (pending.decrementAndGet() != 0) {
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
