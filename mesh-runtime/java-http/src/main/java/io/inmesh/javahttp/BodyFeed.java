package io.inmesh.javahttp;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.Call;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * A response body on its way to a subscriber: read when it asks, by a thread that goes as soon as
 * it asks for no more. {@link #request} and {@link #cancel} may come from any thread; the
 * subscriber is called by one at a time.
 */
final class BodyFeed implements Flow.Subscription {
  private static final int CHUNK = 16 * 1024;

  private final Call call;
  private final Response response;
  private final boolean empty;
  private final BodySubscriber<?> subscriber;
  private final Executor threads;
  private final Runnable atEnd;
  private final AtomicLong wanted = new AtomicLong();

  /** Above zero while somebody drains: what comes meanwhile is his. First, {@link #start}. */
  private final AtomicInteger draining = new AtomicInteger(1);

  private volatile boolean cancelled;
  private volatile boolean givenUp;
  private volatile boolean nonsense;
  private boolean over;

  BodyFeed(
      Call call,
      Response response,
      boolean empty,
      BodySubscriber<?> subscriber,
      Executor threads,
      Runnable atEnd) {
    this.call = call;
    this.response = response;
    this.empty = empty;
    this.subscriber = subscriber;
    this.threads = threads;
    this.atEnd = atEnd;
  }

  /** On the thread that brought the head, which goes on with the body while it is wanted. */
  void start() {
    try {
      subscriber.onSubscribe(this);
    } catch (RuntimeException e) {
      fail(e);
    }
    drain();
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      nonsense = true;
    } else {
      wanted.accumulateAndGet(
          n, (before, more) -> before + more < 0 ? Long.MAX_VALUE : before + more);
    }
    schedule();
  }

  @Override
  public void cancel() {
    if (!cancelled) {
      cancelled = true;
      call.cancel(); // whoever reads is woken
      schedule();
    }
  }

  /** The caller gave the request up: the subscriber is told that nothing more comes. */
  void cancelByCaller() {
    call.cancel();
    givenUp = true;
    schedule();
  }

  private void schedule() {
    if (draining.getAndIncrement() == 0) {
      threads.execute(this::drain);
    }
  }

  private void drain() {
    int seen = draining.get();
    do {
      pass();
      seen = draining.addAndGet(-seen);
    } while (seen != 0);
  }

  private void pass() {
    while (!over) {
      if (cancelled) {
        finish();
      } else if (givenUp) {
        fail(new IOException("Canceled"));
      } else if (nonsense) {
        fail(new IllegalArgumentException("a subscriber must request more than zero items"));
      } else if (empty) {
        complete();
      } else if (wanted.get() > 0) {
        one();
      } else {
        return;
      }
    }
  }

  private void one() {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    int count;
    try {
      BufferedSource source = response.body().source();
      count = source.read(chunk);
    } catch (IOException | RuntimeException e) {
      if (cancelled) {
        finish();
      } else {
        fail(e);
      }
      return;
    }
    if (count < 0) {
      complete();
      return;
    }
    if (wanted.get() != Long.MAX_VALUE) {
      wanted.decrementAndGet();
    }
    chunk.flip();
    try {
      subscriber.onNext(List.of(chunk.asReadOnlyBuffer()));
    } catch (RuntimeException e) {
      call.cancel();
      fail(e);
    }
  }

  private void complete() {
    finish();
    try {
      subscriber.onComplete();
    } catch (RuntimeException e) {
      subscriber.onError(e); // else its body, and who waits for it, would never come to an end
    }
  }

  private void fail(Throwable e) {
    finish();
    subscriber.onError(e);
  }

  private void finish() {
    if (!over) {
      over = true;
      response.close();
      atEnd.run();
    }
  }
}
