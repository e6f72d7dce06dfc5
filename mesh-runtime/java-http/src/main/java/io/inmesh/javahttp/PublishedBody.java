package io.inmesh.javahttp;

import io.inmesh.okhttp.WaitingBody;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import okhttp3.MediaType;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A request body that its publisher gives, one buffer at a time: the next is asked for when the
 * last was written. Each attempt subscribes anew.
 */
final class PublishedBody extends WaitingBody {
  private final BodyPublisher publisher;

  PublishedBody(BodyPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public @Nullable MediaType contentType() {
    return null; // a header of the request
  }

  @Override
  public long contentLength() {
    return Math.max(-1, publisher.contentLength());
  }

  /**
   * What the JDK makes of a string, bytes or a file can be subscribed to again. A stream cannot
   * (its length is unknown); what stands behind {@code fromPublisher} nobody knows.
   */
  @Override
  public boolean isOneShot() {
    return publisher.contentLength() < 0
        || publisher.getClass().getSimpleName().equals("PublisherAdapter");
  }

  @Override
  public void writeTo(BufferedSink sink, BooleanSupplier cancelled) throws IOException {
    Receiver receiver = new Receiver();
    publisher.subscribe(receiver);
    try {
      for (Object item; (item = receiver.take(cancelled)) != Receiver.END; ) {
        if (item instanceof ByteBuffer buffer) {
          sink.write(buffer);
          receiver.request();
        } else if (item instanceof Throwable failure) {
          throw failure instanceof IOException io ? io : new IOException(failure);
        }
      }
    } finally {
      receiver.cancel();
    }
    sink.flush();
  }

  private static final class Receiver implements Flow.Subscriber<ByteBuffer> {
    static final Object END = new Object();
    private final Queue<Object> items = new ConcurrentLinkedQueue<>();
    private final Thread writer = Thread.currentThread();
    private volatile Flow.@Nullable Subscription subscription;

    Object take(BooleanSupplier cancelled) throws IOException {
      for (Object item; ; LockSupport.park(this)) {
        if ((item = items.poll()) != null) {
          return item;
        }
        if (cancelled.getAsBoolean()) {
          throw new IOException("Canceled");
        }
        if (Thread.interrupted()) {
          Thread.currentThread().interrupt();
          throw new java.io.InterruptedIOException("interrupted while a request body was awaited");
        }
      }
    }

    void request() {
      Flow.Subscription from = subscription;
      if (from != null) {
        from.request(1);
      }
    }

    void cancel() {
      Flow.Subscription from = subscription;
      if (from != null) {
        from.cancel();
      }
    }

    private void add(Object item) {
      items.add(item);
      LockSupport.unpark(writer);
    }

    @Override
    public void onSubscribe(Flow.Subscription from) {
      subscription = from;
      from.request(1);
    }

    @Override
    public void onNext(ByteBuffer item) {
      add(item);
    }

    @Override
    public void onError(Throwable failure) {
      add(failure);
    }

    @Override
    public void onComplete() {
      add(END);
    }
  }
}
