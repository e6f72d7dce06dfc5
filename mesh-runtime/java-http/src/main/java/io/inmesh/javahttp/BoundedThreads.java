package io.inmesh.javahttp;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * As many daemon threads as there is work for, up to a limit; what is beyond it waits its turn.
 * Idle threads end after 30 seconds. Thread-safe, no lock.
 */
final class BoundedThreads implements Executor {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final int limit;
  private final AtomicInteger running = new AtomicInteger();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "inmesh-java-http-" + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          });

  BoundedThreads(int limit) {
    this.limit = limit;
  }

  @Override
  public void execute(Runnable task) {
    waiting.add(task);
    more();
  }

  private void more() {
    for (int now = running.get(); now < limit; now = running.get()) {
      if (running.compareAndSet(now, now + 1)) {
        threads.execute(this::work);
        return;
      }
    }
  }

  private void work() {
    try {
      for (Runnable task; (task = waiting.poll()) != null; ) {
        task.run();
      }
    } finally {
      running.decrementAndGet();
      if (!waiting.isEmpty()) {
        more(); // came between the last look and the leaving
      }
    }
  }
}
