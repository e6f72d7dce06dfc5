package io.inmesh.reactor;

import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.call.Wire;
import io.inmesh.driver.ReplayBuffer;
import io.inmesh.driver.StreamedCall;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.runtime.HostLines;
import io.inmesh.upstream.Host;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpScheme;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.AttributeKey;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyOutbound;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** One attempt: a request of its own on the host's line. */
final class Attempt implements StreamedCall.Attempt {
  /** Of a response that nobody wants: for more the connection goes. */
  private static final long CHEAP_TO_DRAIN = 64 * 1024;

  /** As often as a connection from the pool may turn out to be dead before a new one is used. */
  private static final int STALE_LIMIT = 3;

  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "DELETE");

  /** Of a connection that has carried a request before. */
  private static final AttributeKey<Boolean> USED = AttributeKey.valueOf("inmesh.used");

  /** Where Netty's HTTP/2 codec keeps what it says as {@code :scheme}. */
  private static final AttributeKey<HttpScheme> SCHEME =
      AttributeKey.valueOf(HttpScheme.class, "STREAMFRAMECODEC_SCHEME");

  final int number;
  private final StreamedCall<ByteBuf> call;
  private final Wire wire;
  private final RequestHead head;
  private final boolean mirror;
  private final boolean hasBody;
  private final AttemptBody body;
  private final AtomicBoolean released = new AtomicBoolean();
  private @Nullable Line line;
  private ContextView context = Context.empty();
  private int stale;
  private volatile boolean reused;
  private volatile @Nullable Disposable running;
  private volatile @Nullable EventLoop loop;
  private volatile @Nullable Connection connection;
  private volatile @Nullable Headers trailers;
  private volatile @Nullable ResetKind reset;
  private volatile long length;
  private volatile boolean relayed;
  private volatile boolean connected;
  private volatile boolean closed;

  Attempt(
      StreamedCall<ByteBuf> call,
      int number,
      Wire wire,
      RequestHead head,
      boolean mirror,
      boolean hasBody,
      ReplayBuffer<ByteBuf>.Reader reader) {
    this.call = call;
    this.number = number;
    this.wire = wire;
    this.head = head;
    this.mirror = mirror;
    this.hasBody = hasBody;
    this.body = new AttemptBody(call, reader);
  }

  void open(HostLines<Line> lines, Host host, ContextView context) {
    if (wire.applicationTls() && wire.tls() != null) {
      call.tell(
          new Event.Failed(
              number,
              ResetKind.LOCAL_RESET,
              "https of the application inside the mesh's own TLS is not supported here: call with"
                  + " http, which the mesh encrypts"));
      return;
    }
    Line to;
    try {
      to = lines.acquire(host, wire);
    } catch (IdentityUnavailableException e) {
      call.tell(new Event.Failed(number, ResetKind.TLS_FAILURE, "no mTLS: " + e.getMessage()));
      return;
    }
    line = to;
    this.context = context;
    ask(to);
  }

  private void ask(Line to) {
    Disposable started =
        to.client(head.authority())
            .request(HttpMethod.valueOf(head.method()))
            .uri(head.path())
            .send(this::send)
            .responseConnection(this::received)
            .contextWrite(context)
            .subscribe(nothing -> {}, this::failed);
    running = started;
    if (closed) {
      started.dispose();
    }
  }

  // ---- on the connection's event loop

  private Publisher<Void> send(HttpClientRequest request, NettyOutbound out) {
    connected = true;
    Heads.wire(head, hasBody, request.requestHeaders());
    out.withConnection(this::prepare);
    call.tell(new Event.Connected(number));
    if (!hasBody) {
      return out;
    }
    return Mono.from(out.send(body)).doOnSuccess(done -> call.tell(new Event.RequestSent(number)));
  }

  /** Under mesh TLS the request stays what the application made it: {@code :scheme} http. */
  private void prepare(Connection to) {
    Channel channel = to.channel();
    Channel carrier = channel.parent() == null ? channel : channel.parent();
    reused = carrier.attr(USED).getAndSet(true) != null;
    if (channel instanceof Http2StreamChannel stream) {
      stream.parent().attr(SCHEME).set(HttpScheme.HTTP);
      channel.pipeline().addFirst(new ResetReader()); // others keep the event
    }
  }

  private Publisher<Void> received(HttpClientResponse response, Connection from) {
    loop = from.channel().eventLoop(); // it may be another request's by the time it is asked for
    connection = from;
    response.trailerHeaders().subscribe(fields -> trailers = Heads.trailers(fields));
    length = Heads.contentLength(response.responseHeaders());
    if (closed) {
      discard(from);
      return Mono.empty();
    }
    Headers headers = Heads.headers(response.responseHeaders(), 4);
    if (mirror) {
      from.inbound()
          .receive()
          .subscribe(
              thrown -> {},
              this::failed,
              () -> {
                release();
                call.tell(new Event.End(number, null));
              });
      return Mono.empty();
    }
    call.tell(new Event.Head(number, new ResponseHead(response.status().code(), headers), false));
    return Mono.empty();
  }

  private void failed(Throwable e) {
    Line again = line;
    if (again != null && stale < STALE_LIMIT && wasDead(e)) {
      stale++;
      ask(again);
      return;
    }
    release();
    call.tell(failure(e));
  }

  /**
   * The host closed a pooled connection while nobody looked: not yet a failed attempt, if sending
   * once more is safe (docs/adr/0009).
   */
  private boolean wasDead(Throwable e) {
    return reused
        && !closed
        && !hasBody
        && connection == null
        && reset == null
        && IDEMPOTENT.contains(head.method())
        && !Failures.callersOwn(e)
        && Failures.kind(e, connected, wire.tls() != null) == ResetKind.CONNECTION_TERMINATION;
  }

  /** In the engine's words. */
  Event failure(Throwable e) {
    if (Failures.callersOwn(e)) {
      return new Event.CallerGone();
    }
    ResetKind told = reset;
    return new Event.Failed(
        number,
        told != null ? told : Failures.kind(e, connected, wire.tls() != null),
        Failures.detail(e));
  }

  // ---- for the relay

  /** From now on what is left of the response is the application's. */
  Connection relay() {
    relayed = true;
    return Objects.requireNonNull(connection, "no response yet");
  }

  EventLoop loop() {
    return Objects.requireNonNull(loop, "no response yet");
  }

  /** Of a response that was read to its end. */
  @Nullable Headers trailers() {
    return trailers;
  }

  /** Nothing more will be read. */
  void release() {
    Line mine = line;
    if (mine != null && released.compareAndSet(false, true)) {
      mine.release();
    }
  }

  // ---- StreamedCall.Attempt

  @Override
  public void pump() {
    body.pump();
  }

  @Override
  public void close() {
    closed = true;
    body.close();
    Connection from = connection;
    if (from != null) {
      discard(from);
    } else {
      Disposable mine = running;
      if (mine != null) {
        mine.dispose();
      }
    }
    release();
  }

  /** A short rest is read, which keeps the connection. */
  private void discard(Connection from) {
    if (!relayed && length >= 0 && length <= CHEAP_TO_DRAIN) {
      from.inbound().receive().subscribe(thrown -> {}, e -> {});
    } else if (from instanceof ChannelOperations<?, ?> operations
        && !operations.isInboundDisposed()) {
      operations.discard();
    }
  }

  /** Netty tells of a reset beside the closing of the stream. */
  private final class ResetReader extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame frame) {
        reset =
            frame.errorCode() == Http2Error.REFUSED_STREAM.code()
                ? ResetKind.REFUSED_STREAM
                : ResetKind.REMOTE_RESET;
      }
      context.fireUserEventTriggered(event);
    }
  }
}
