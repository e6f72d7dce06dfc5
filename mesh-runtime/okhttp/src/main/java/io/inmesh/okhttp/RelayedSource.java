package io.inmesh.okhttp;

import io.inmesh.driver.AttemptFailure;
import io.inmesh.driver.BlockingResult;
import io.inmesh.driver.Relay;
import io.inmesh.http.Headers;
import java.io.IOException;
import java.net.SocketTimeoutException;
import okhttp3.ResponseBody;
import okhttp3.TrailersSource;
import okio.Buffer;
import okio.BufferedSource;
import okio.Source;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/** Bytes on their way to the caller: tells the relay how the reading goes, so that leases end. */
final class RelayedSource implements Source, TrailersSource {
  private final Source bytes;
  private final Hop hop;
  private final OkHttpExchange exchange;
  private final Relay relay;
  private @Nullable ResponseBody body;
  private okhttp3.@Nullable Headers trailers;
  private boolean over;
  private long count;

  RelayedSource(Source bytes, Hop hop, BlockingResult.Relayed result) {
    this.bytes = bytes;
    this.hop = hop;
    this.exchange = (OkHttpExchange) result.exchange();
    this.relay = result.relay();
  }

  /** What is to be read to its end before there are trailers. */
  void readThrough(ResponseBody of) {
    body = of;
  }

  @Override
  public long read(Buffer sink, long byteCount) throws IOException {
    long read;
    try {
      read = bytes.read(sink, byteCount);
    } catch (IOException e) {
      throw failed(e);
    }
    if (read >= 0) {
      count += read;
      relay.progress(exchange.attempt);
    } else if (!over) {
      over = true;
      end();
    }
    return read;
  }

  private void end() throws IOException {
    relay.call().responseBytes(count);
    hop.ended();
    okhttp3.Headers inner =
        exchange.response().socket() == null
            ? exchange.response().trailers()
            : okhttp3.Headers.EMPTY;
    Headers edited =
        relay.end(exchange.attempt, inner.size() == 0 ? null : Heads.headers(inner, 0));
    trailers = edited == null ? okhttp3.Headers.EMPTY : Heads.headers(edited);
  }

  private IOException failed(IOException e) {
    over = true;
    relay.call().responseBytes(count);
    hop.ended();
    if (e instanceof SocketTimeoutException) {
      hop.callerFailed(e);
    }
    AttemptFailure failure = Failures.of(e, Failures.Stage.CONNECTED);
    IOException told = relay.failed(exchange.attempt, failure);
    return hop.told(told == failure ? e : told);
  }

  @Override
  public Timeout timeout() {
    return bytes.timeout();
  }

  @Override
  public void close() throws IOException {
    over = true;
    relay.call().responseBytes(count);
    hop.ended();
    relay.close();
    bytes.close();
  }

  // ---- TrailersSource

  @Override
  public okhttp3.@Nullable Headers peek() {
    return trailers;
  }

  @Override
  public okhttp3.Headers get() throws IOException {
    ResponseBody rest = body;
    if (trailers == null && rest != null) {
      BufferedSource source = rest.source();
      while (source.isOpen() && !source.exhausted()) {
        source.skip(source.getBuffer().size());
      }
    }
    okhttp3.Headers found = trailers;
    if (found == null) {
      throw new IOException("no trailers: the body was closed before its end");
    }
    return found;
  }
}
