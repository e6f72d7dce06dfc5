package io.inmesh.okhttp;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * The application's body as one attempt writes it. Tells a body that cannot be read from a
 * connection that cannot be written.
 */
final class OutgoingBody extends RequestBody {
  private final RequestBody body;
  private final OkHttpExchange exchange;

  OutgoingBody(RequestBody body, OkHttpExchange exchange) {
    this.body = body;
    this.exchange = exchange;
  }

  /** The head says it already, as the mesh has edited it. */
  @Override
  public @Nullable MediaType contentType() {
    return null;
  }

  @Override
  public long contentLength() throws IOException {
    return body.contentLength();
  }

  @Override
  public boolean isDuplex() {
    return body.isDuplex();
  }

  @Override
  public boolean isOneShot() {
    return body.isOneShot();
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    try {
      if (body instanceof WaitingBody waiting) {
        exchange.writing(Thread.currentThread());
        try {
          waiting.writeTo(sink, exchange::cancelled);
        } finally {
          exchange.writing(null);
        }
      } else {
        body.writeTo(sink);
      }
    } catch (IOException e) {
      exchange.bodyFailed(e);
      throw e;
    }
  }
}
