package io.inmesh.okhttp;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.driver.BlockingDriver;
import io.inmesh.driver.BlockingResult;
import io.inmesh.driver.BlockingTransport;
import io.inmesh.driver.Exchange;
import io.inmesh.http.RequestHead;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.CookieJar;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One logical call: a request of the application, or one redirect of it. Lends the driver its
 * attempts.
 */
final class Hop implements BlockingTransport {
  private static final Capabilities CAN = new Capabilities(true, false, true, true);

  private final MeshServices services;
  private final Upstreams upstreams;
  private final Interceptor.Chain chain;
  private final Request request;
  private final boolean gzip;
  private final boolean upgrade;
  private final BlockingDriver driver;
  private @Nullable Call call;
  private volatile @Nullable IOException ownFailure;
  private volatile @Nullable IOException lastFailure;
  private @Nullable Runnable atEnd;

  private Hop(
      MeshServices services, Upstreams upstreams, Interceptor.Chain chain, Request request) {
    this.services = services;
    this.upstreams = upstreams;
    this.chain = chain;
    this.request = request;
    this.gzip = Heads.transparentGzip(request);
    this.upgrade = "upgrade".equalsIgnoreCase(request.header("Connection"));
    this.driver = new BlockingDriver(services.drivers(), this);
  }

  /** Null: the mesh leaves the request alone. */
  static @Nullable Hop of(
      MeshServices services,
      Upstreams upstreams,
      Interceptor.Chain chain,
      Request request,
      CookieJar cookies,
      CallContext context)
      throws IOException {
    Hop hop = new Hop(services, upstreams, chain, request);
    RequestHead head = Heads.request(request, cookies, hop.gzip);
    hop.call =
        services
            .calls()
            .outbound(
                head,
                hop.traits(),
                context,
                CAN,
                hop.driver,
                services.drivers().nanos().getAsLong());
    return hop.call == null ? null : hop;
  }

  private BodyTraits traits() {
    RequestBody body = request.body();
    if (upgrade || (body != null && body.isDuplex())) {
      return BodyTraits.DUPLEX;
    }
    if (body == null) {
      return BodyTraits.NONE;
    }
    return body.isOneShot() ? BodyTraits.ONE_SHOT : BodyTraits.REPLAYABLE;
  }

  /** Blocks until there is an answer; its body may still be on its way. */
  Response run() throws IOException {
    try {
      BlockingResult result = driver.run(Objects.requireNonNull(call));
      if (result instanceof BlockingResult.Relayed relayed) {
        return Answers.relayed(this, relayed);
      }
      BlockingResult.Replied replied = (BlockingResult.Replied) result;
      if (request.isHttps()) {
        // the mesh is no party to the application's TLS: it breaks off, it does not answer
        throw brokenOff(replied);
      }
      return Answers.replied(this, replied);
    } catch (IOException e) {
      throw told(e);
    }
  }

  private IOException brokenOff(BlockingResult.Replied replied) {
    IOException cause = lastFailure;
    return cause != null
        ? cause
        : new IOException("the mesh broke off " + request.url().redact() + ": " + replied.body());
  }

  /** The transport's own exception, which callers of https may look for. */
  void attemptFailed(IOException e) {
    lastFailure = e;
  }

  /** What the caller is told: its own failure is its own, not one of the mesh. */
  IOException told(IOException e) {
    IOException own = ownFailure;
    return own == null ? e : own;
  }

  /** Any thread. */
  void cancel() {
    driver.cancel();
  }

  /** The application's time-out or body ended the call, whatever attempts are under way. */
  void callerFailed(IOException e) {
    ownFailure = e;
    driver.cancel();
  }

  /** Of the body as an attempt has sent it. */
  void requestBytes(long bytes) {
    Objects.requireNonNull(call).requestBytes(bytes);
  }

  /** When the body is over, whatever way; on the thread that reads it. */
  void onEnd(Runnable action) {
    atEnd = action;
  }

  void ended() {
    Runnable action = atEnd;
    if (action != null) {
      atEnd = null;
      action.run();
    }
  }

  // ---- BlockingTransport

  @Override
  public Exchange open(Command.Start start) {
    return new OkHttpExchange(this, start.attempt(), start.host(), start.wire(), start.head());
  }

  @Override
  public Exchange mirror(Command.Mirror mirror) {
    return new OkHttpExchange(this, mirror.attempt(), mirror.host(), mirror.wire(), mirror.head());
  }

  // ---- for the parts

  Request request() {
    return request;
  }

  boolean gzip() {
    return gzip;
  }

  boolean upgrade() {
    return upgrade;
  }

  boolean duplex() {
    RequestBody body = request.body();
    return body != null && body.isDuplex();
  }

  boolean replayable() {
    RequestBody body = request.body();
    return body == null || !(body.isOneShot() || body.isDuplex());
  }

  @Nullable RequestBody body(OkHttpExchange exchange) {
    RequestBody body = request.body();
    return body == null ? null : new OutgoingBody(body, exchange);
  }

  Upstreams upstreams() {
    return upstreams;
  }

  ScheduledExecutorService timer() {
    return services.drivers().timer();
  }

  /** With the time-outs that hold for this call: an interceptor may have changed them. */
  OkHttpClient client(Line line) {
    int read = chain.readTimeoutMillis();
    int write = chain.writeTimeoutMillis();
    OkHttpClient client = line.client;
    if (read == client.readTimeoutMillis() && write == client.writeTimeoutMillis()) {
      return client;
    }
    return client
        .newBuilder()
        .readTimeout(read, TimeUnit.MILLISECONDS)
        .writeTimeout(write, TimeUnit.MILLISECONDS)
        .build();
  }
}
