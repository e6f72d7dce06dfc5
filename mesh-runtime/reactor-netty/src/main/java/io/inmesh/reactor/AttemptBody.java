package io.inmesh.reactor;

import io.inmesh.driver.ReplayBuffer;
import io.inmesh.driver.StreamedCall;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The request's body as one attempt sends it: what the call's replay buffer has, when the
 * connection takes it. Everything but the subscribing happens in the call's loop.
 */
final class AttemptBody extends Flux<ByteBuf> implements Subscription {
  private final StreamedCall<ByteBuf> call;
  private final ReplayBuffer<ByteBuf>.Reader reader;
  private final AtomicBoolean subscribed = new AtomicBoolean();
  private @Nullable CoreSubscriber<? super ByteBuf> connection;
  private long wanted;
  private boolean over;

  AttemptBody(StreamedCall<ByteBuf> call, ReplayBuffer<ByteBuf>.Reader reader) {
    this.call = call;
    this.reader = reader;
  }

  @Override
  public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
    if (!subscribed.compareAndSet(false, true)) {
      Operators.error(actual, new IllegalStateException("an attempt sends its body once"));
      return;
    }
    call.run(() -> connection = actual);
    actual.onSubscribe(this);
  }

  @Override
  public void request(long n) {
    call.run(
        () -> {
          wanted = Operators.addCap(wanted, n);
          pump();
        });
  }

  @Override
  public void cancel() {
    call.run(this::close);
  }

  /** In the loop. */
  void pump() {
    CoreSubscriber<? super ByteBuf> to = connection;
    if (over || to == null) {
      return;
    }
    boolean some = false;
    for (ByteBuf chunk; !over && wanted > 0 && (chunk = reader.next()) != null; ) {
      if (wanted != Long.MAX_VALUE) {
        wanted--;
      }
      some = true;
      to.onNext(chunk);
    }
    if (!over && reader.finished()) {
      over = true;
      to.onComplete();
    }
    if (some) {
      call.taken();
    }
  }

  /** In the loop: nothing more is sent. */
  void close() {
    over = true;
  }
}
