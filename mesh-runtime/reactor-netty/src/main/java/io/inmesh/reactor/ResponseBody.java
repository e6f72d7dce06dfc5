package io.inmesh.reactor;

import io.inmesh.call.Event;
import io.inmesh.driver.StreamedCall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.netty.Connection;

/**
 * The body of the response that was given, on its way from a connection to the application, which
 * owns each buffer that it gets. Every signal comes on the connection's event loop; the call is
 * told how it goes.
 */
final class ResponseBody extends Flux<ByteBuf> implements CoreSubscriber<ByteBuf>, Subscription {
  private final StreamedCall<ByteBuf> call;
  private final Attempt attempt;
  private final Connection connection;
  private final EventLoop loop;
  private final boolean timed;
  private final AtomicBoolean subscribed = new AtomicBoolean();
  private @Nullable CoreSubscriber<? super ByteBuf> reader;
  private @Nullable Subscription source;
  private @Nullable Throwable cause;
  private @Nullable IOException failure;
  private boolean over;

  /**
   * @param timed whether the call has a deadline that each byte may move
   */
  ResponseBody(StreamedCall<ByteBuf> call, Attempt attempt, boolean timed) {
    this.call = call;
    this.attempt = attempt;
    this.connection = attempt.relay();
    this.loop = attempt.loop();
    this.timed = timed;
  }

  private void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  @Override
  public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
    if (!subscribed.compareAndSet(false, true)) {
      Operators.error(actual, new IllegalStateException("a response body is read once"));
      return;
    }
    onLoop(
        () -> {
          reader = actual;
          if (failure != null) {
            Operators.error(actual, failure);
          } else if (over) {
            Operators.complete(actual);
          } else {
            connection.inbound().receive().subscribe(this);
          }
        });
  }

  /** Nobody will read it: if that is still so. */
  void abandon() {
    if (subscribed.compareAndSet(false, true)) {
      call.cancel();
    }
  }

  // ---- from the connection

  @Override
  public void onSubscribe(Subscription subscription) {
    source = subscription;
    CoreSubscriber<? super ByteBuf> to = reader;
    if (to != null) {
      to.onSubscribe(this);
    }
  }

  @Override
  public void onNext(ByteBuf data) {
    CoreSubscriber<? super ByteBuf> to = reader;
    if (over || to == null) {
      return; // Reactor Netty lets go of it
    }
    if (timed) {
      call.tell(new Event.Progress(attempt.number));
    }
    to.onNext(data.retain());
  }

  @Override
  public void onComplete() {
    attempt.release();
    call.tell(new Event.End(attempt.number, attempt.trailers()));
  }

  @Override
  public void onError(Throwable e) {
    attempt.release();
    cause = e;
    call.tell(attempt.failure(e));
  }

  // ---- from the application

  @Override
  public void request(long n) {
    Subscription from = source;
    if (from != null) {
      from.request(n);
    }
  }

  @Override
  public void cancel() {
    onLoop(
        () -> {
          over = true; // first: what the call says of it now is for nobody
          Subscription from = source;
          if (from != null) {
            from.cancel();
          }
        });
    call.cancel();
  }

  // ---- from the call

  void end() {
    onLoop(
        () -> {
          if (!over) {
            over = true;
            CoreSubscriber<? super ByteBuf> to = reader;
            if (to != null) {
              to.onComplete();
            }
          }
        });
  }

  void fail(IOException why) {
    onLoop(
        () -> {
          if (!over) {
            over = true;
            if (cause != null && why.getCause() == null) {
              why.initCause(cause);
            }
            failure = why;
            CoreSubscriber<? super ByteBuf> to = reader;
            if (to != null) {
              to.onError(why);
            }
          }
        });
  }
}
