package io.inmesh.okhttp;

import io.inmesh.call.ResetKind;
import io.inmesh.call.Wire;
import io.inmesh.driver.AttemptFailure;
import io.inmesh.driver.Exchange;
import io.inmesh.driver.Sending;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.runtime.OutboundSecurity;
import io.inmesh.upstream.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.Handshake;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.internal.http2.ConnectionShutdownException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt: an OkHttp call of its own on the host's line. It listens to that call, since how far
 * it got decides what its failure is called.
 */
final class OkHttpExchange extends EventListener implements Exchange {
  /** As often as a connection from the pool may turn out to be dead before a new one is used. */
  private static final int STALE_LIMIT = 3;

  private final Hop hop;
  final int attempt;
  private final Host host;
  private final Wire wire;
  private final RequestHead head;
  private @Nullable Sending sending;
  private @Nullable Response response;
  private @Nullable Future<?> handshakeLimit;
  private Failures.Stage stage = Failures.Stage.CONNECTING;
  private boolean reused;
  private boolean toldConnected;
  private boolean toldSent;
  private int hidden;
  private @Nullable IOException bodyFailure;
  private boolean sinkFailed;
  private long connectStart;
  private volatile @Nullable Call call;
  private volatile boolean cancelled;
  private volatile boolean connectTimedOut;
  private volatile boolean discarded;
  private volatile @Nullable Thread writer;

  OkHttpExchange(Hop hop, int attempt, Host host, Wire wire, RequestHead head) {
    this.hop = hop;
    this.attempt = attempt;
    this.host = host;
    this.wire = wire;
    this.head = head;
  }

  /** Of an exchange that has executed. */
  Response response() {
    return Objects.requireNonNull(response);
  }

  Wire wire() {
    return wire;
  }

  // ---- Exchange

  @Override
  public ResponseHead execute(Sending to) throws AttemptFailure {
    sending = to;
    if (hop.upgrade() && wire.protocol() == io.inmesh.http.Protocol.HTTP2) {
      throw new AttemptFailure(
          ResetKind.PROTOCOL_ERROR,
          "a WebSocket cannot be opened: the cluster of "
              + host.address()
              + " speaks HTTP/2 only, and OkHttp upgrades HTTP/1.1 connections only",
          null);
    }
    Line line = line();
    Request request = request(line);
    for (int stale = 0; ; stale++) {
      try {
        Response got = send(line, request);
        response = got;
        if (discarded) {
          close(got);
        }
        ResponseHead answer = Heads.response(got);
        if (hidden != 0) {
          answer.status(hidden);
        }
        return answer;
      } catch (IOException e) {
        if (stale < STALE_LIMIT && !cancelled && staleConnection(e)) {
          line.client.connectionPool().evictAll();
          continue;
        }
        throw failure(e);
      } finally {
        limitOver();
      }
    }
  }

  @Override
  public boolean complete() {
    Response got = response;
    return got != null && got.socket() == null && Bodies.none(head.method(), got);
  }

  @Override
  public void cancel() {
    cancelled = true;
    Call running = call;
    if (running != null) {
      running.cancel();
    }
    Thread waiting = writer;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  boolean cancelled() {
    return cancelled;
  }

  /** The thread that a cancel wakes, while it waits for bytes of the request's body. */
  void writing(@Nullable Thread thread) {
    writer = thread;
  }

  @Override
  public void discard() {
    discarded = true;
    Response got = response;
    if (got != null) {
      close(got);
    }
  }

  /** A short rest is read, which keeps an HTTP/1.1 connection; for more the connection goes. */
  private void close(Response unwanted) {
    long length = unwanted.body().contentLength();
    Call running = call;
    if (running != null && (length < 0 || length > Bodies.CHEAP_TO_DRAIN)) {
      running.cancel();
    }
    unwanted.close();
  }

  // ---- sending

  private Line line() throws AttemptFailure {
    try {
      return hop.upstreams().line(host, wire);
    } catch (IdentityUnavailableException e) {
      throw new AttemptFailure(ResetKind.TLS_FAILURE, "no mTLS: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new AttemptFailure(
          ResetKind.CONNECT_FAILURE, "not an address to connect to: " + host.address(), e);
    }
  }

  private Request request(Line line) throws AttemptFailure {
    try {
      Request.Builder request = new Request.Builder().url(url(line));
      Heads.wire(head, request);
      if (Verbatim.is(hop.request())) {
        Verbatim.keep(head, request);
      }
      return request.method(head.method(), hop.body(this)).tag(OkHttpExchange.class, this).build();
    } catch (IllegalArgumentException e) {
      throw new AttemptFailure(
          ResetKind.PROTOCOL_ERROR, "the request cannot be written: " + e.getMessage(), e);
    }
  }

  private HttpUrl url(Line line) {
    if (wire.applicationTls()) {
      return hop.request().url();
    }
    String path = head.path();
    int query = path.indexOf('?');
    HttpUrl.Builder url = line.origin.newBuilder();
    if (query < 0) {
      return url.encodedPath(path).build();
    }
    return url.encodedPath(path.substring(0, query))
        .encodedQuery(path.substring(query + 1))
        .build();
  }

  private Response send(Line line, Request request) throws IOException {
    stage = Failures.Stage.CONNECTING;
    reused = true;
    hidden = 0;
    bodyFailure = null;
    sinkFailed = false;
    Call running = hop.client(line).newCall(request);
    call = running;
    if (cancelled) {
      running.cancel();
    }
    return running.execute();
  }

  /**
   * The host closed a pooled connection while nobody looked: a race that Envoy, which reads its
   * idle connections, hardly ever loses. So this is not yet a failed attempt, if sending once more
   * is safe: the request never left, or its method is idempotent.
   */
  private boolean staleConnection(IOException e) {
    if (e instanceof ConnectionShutdownException) {
      return true;
    }
    return reused
        && stage == Failures.Stage.CONNECTED
        && (bodyFailure == null || sinkFailed)
        && Bodies.idempotent(head.method())
        && hop.replayable()
        && Failures.kind(e, stage) == ResetKind.CONNECTION_TERMINATION
        && !(e instanceof SocketTimeoutException);
  }

  private AttemptFailure failure(IOException e) {
    if (connectTimedOut) {
      return new AttemptFailure(
          ResetKind.CONNECT_TIMEOUT, "no TLS handshake within the connect timeout", e);
    }
    IOException own = bodyFailure;
    if (own != null && !sinkFailed) {
      hop.callerFailed(own);
      return new AttemptFailure(ResetKind.LOCAL_RESET, "the request body could not be read", own);
    }
    if (stage == Failures.Stage.CONNECTED && e instanceof SocketTimeoutException) {
      // the application's own read or write time-out: it gives up, behind a sidecar as well
      hop.callerFailed(e);
      return new AttemptFailure(ResetKind.LOCAL_RESET, "the caller's read or write timeout", e);
    }
    hop.attemptFailed(e);
    return Failures.of(e, stage);
  }

  // ---- told by the parts

  void hidden(int status) {
    hidden = status;
  }

  void bodyFailed(IOException e) {
    bodyFailure = e;
  }

  // ---- EventListener

  @Override
  public void connectStart(Call of, InetSocketAddress address, Proxy proxy) {
    reused = false;
    connectStart = System.nanoTime();
  }

  @Override
  public void secureConnectStart(Call of) {
    stage = Failures.Stage.HANDSHAKE;
    if (wire.connectTimeoutNanos() != 0 && !wire.applicationTls()) {
      // OkHttp bounds the handshake by the read time-out; Envoy by the connect time-out
      long left = connectStart + wire.connectTimeoutNanos() - System.nanoTime();
      handshakeLimit =
          hop.timer()
              .schedule(
                  () -> {
                    connectTimedOut = true;
                    of.cancel();
                  },
                  Math.max(0, left),
                  TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void secureConnectEnd(Call of, @Nullable Handshake handshake) {
    limitOver();
    if (handshake != null && !wire.applicationTls()) {
      List<Certificate> chain = handshake.peerCertificates();
      if (!chain.isEmpty() && chain.get(0) instanceof X509Certificate leaf) {
        host.principal(OutboundSecurity.principal(leaf));
      }
    }
  }

  private void limitOver() {
    Future<?> limit = handshakeLimit;
    if (limit != null) {
      limit.cancel(false);
      handshakeLimit = null;
    }
  }

  @Override
  public void connectionAcquired(Call of, Connection connection) {
    stage = Failures.Stage.CONNECTED;
    Sending to = sending;
    if (to != null && !toldConnected) {
      toldConnected = true;
      to.connected();
    }
  }

  @Override
  public void requestHeadersEnd(Call of, Request sent) {
    if (sent.body() == null) {
      sent();
    }
  }

  @Override
  public void requestBodyEnd(Call of, long bytes) {
    hop.requestBytes(bytes);
    if (!hop.duplex()) {
      sent();
    }
  }

  @Override
  public void requestFailed(Call of, IOException e) {
    sinkFailed = true;
  }

  private void sent() {
    Sending to = sending;
    if (to != null && !toldSent) {
      toldSent = true;
      to.sent();
    }
  }
}
