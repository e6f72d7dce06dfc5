package io.inmesh.grpc.server;

import io.grpc.ServerCall;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an RPC's events while a filter waits. From then on they come one after the other on a
 * worker: whoever ended the wait must not run the application, and no thread waits.
 */
final class PausedListener<Q> extends ServerCall.Listener<Q> {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");

  private final Executor workers;
  private final Supplier<ServerCall.Listener<Q>> start;
  private final Runnable gone;
  private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();

  /** Events that wait, and one more until the wait is over. */
  private final AtomicInteger waiting = new AtomicInteger(1);

  private ServerCall.@Nullable Listener<Q> application;

  /**
   * @param gone told at once when the caller leaves
   */
  PausedListener(Executor workers, Supplier<ServerCall.Listener<Q>> start, Runnable gone) {
    this.workers = workers;
    this.start = start;
    this.gone = gone;
  }

  /** The application gets the RPC. */
  void go() {
    workers.execute(
        () -> {
          application = new ServerCall.Listener<>() {};
          safely(() -> application = start.get());
          drain();
        });
  }

  /** It does not. */
  void drop() {
    application = new ServerCall.Listener<>() {};
    workers.execute(this::drain);
  }

  private void drain() {
    while (waiting.decrementAndGet() > 0) {
      Runnable event = events.poll();
      if (event != null) {
        safely(event);
      }
    }
  }

  /** What the application throws has ended its RPC already. */
  private static void safely(Runnable code) {
    try {
      code.run();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("an RPC's application threw");
    }
  }

  private void later(Runnable event) {
    events.add(event);
    if (waiting.getAndIncrement() == 0) {
      waiting.incrementAndGet(); // drain() counts one before it looks
      workers.execute(this::drain);
    }
  }

  private ServerCall.Listener<Q> application() {
    ServerCall.Listener<Q> running = application;
    if (running == null) {
      throw new IllegalStateException("the RPC is still held");
    }
    return running;
  }

  @Override
  public void onMessage(Q message) {
    later(() -> application().onMessage(message));
  }

  @Override
  public void onHalfClose() {
    later(() -> application().onHalfClose());
  }

  @Override
  public void onCancel() {
    gone.run();
    later(() -> application().onCancel());
  }

  @Override
  public void onComplete() {
    later(() -> application().onComplete());
  }

  @Override
  public void onReady() {
    later(() -> application().onReady());
  }
}
