package io.inmesh.grpc;

import io.grpc.Context;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the application's listener is told: one thing at a time, in order, in the context of the
 * call and on its executor. An attempt's callback is on that executor already and delivers itself
 * what came of it; any other thread hands over.
 */
final class Deliveries implements Runnable {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.grpc");

  private final Executor executor;
  private final Context context;
  private final Consumer<Throwable> broken;
  private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * The thread that will run what is added. Without synchronisation: a thread sees its own writes,
   * and any other value means a task too many for the executor, never one too few.
   */
  private @Nullable Thread runner;

  /**
   * @param broken told when the listener throws
   */
  Deliveries(Executor executor, Context context, Consumer<Throwable> broken) {
    this.executor = executor;
    this.context = context;
    this.broken = broken;
  }

  void add(Runnable delivery) {
    queue.add(delivery);
    if (Thread.currentThread() != runner) {
      try {
        executor.execute(this);
      } catch (RejectedExecutionException e) {
        log.atWarn().setCause(e).log("the executor of an RPC takes no more tasks");
      }
    }
  }

  /** On the call's executor: the work, then what it gave to deliver. */
  void after(Executor loop, Runnable work) {
    runner = Thread.currentThread();
    try {
      loop.execute(work);
    } finally {
      runner = null;
    }
    run();
  }

  @Override
  public void run() {
    while (!queue.isEmpty() && busy.compareAndSet(false, true)) {
      runner = Thread.currentThread();
      Context before = context.attach();
      try {
        for (Runnable next; (next = queue.poll()) != null; ) {
          try {
            next.run();
          } catch (Throwable e) {
            broken.accept(e);
          }
        }
      } finally {
        context.detach(before);
        runner = null;
        busy.set(false);
      }
    }
  }
}
