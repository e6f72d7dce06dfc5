package io.inmesh.reactor;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.CallContext;
import io.inmesh.call.Event;
import io.inmesh.driver.Answer;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a connection's codec (or a stream's) and Reactor Netty: policy sees every request
 * here, before the server hears of it, and every response head before it is written. One request at
 * a time: those that a caller sends ahead wait.
 */
final class Gate extends ChannelDuplexHandler implements Served.Gatekeeper {
  private static final AttributeKey<Gate> KEY = AttributeKey.valueOf("inmesh.gate");

  private record Written(Object message, ChannelPromise promise) {}

  private final MeshServer server;
  private final Deque<Object> ahead = new ArrayDeque<>(0);
  private final Deque<Written> held = new ArrayDeque<>(0);
  private @Nullable ChannelHandlerContext context;
  private @Nullable Served current;
  private @Nullable HttpRequest request;
  private @Nullable HttpResponse response;

  /** The rest of a request that the mesh has answered: thrown away. */
  private boolean swallowing;

  private boolean counted;
  private boolean headWritten;
  private boolean upgraded;
  private boolean closing;
  private boolean inbound;

  Gate(MeshServer server) {
    this.server = server;
  }

  /** Of the request that is being served on that channel; null: none. */
  static @Nullable CallContext context(Channel channel) {
    Gate gate = channel.attr(KEY).get();
    Served served = gate == null ? null : gate.current;
    return served == null ? null : served.context();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    added.channel().attr(KEY).set(this);
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext mine = context;
    if (mine == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return mine;
  }

  // ---- what comes in

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (upgraded || !(message instanceof HttpObject)) {
      from.fireChannelRead(message);
    } else if (!ahead.isEmpty() || waits(message)) {
      ahead.add(message);
    } else {
      take(message);
    }
  }

  /** While the mesh decides, and while an earlier request is served. */
  private boolean waits(Object message) {
    Served served = current;
    return served != null
        && (served.state() == Served.State.WAITING || message instanceof HttpRequest);
  }

  private void take(Object message) {
    if (message instanceof HttpRequest head) {
      begin(head);
    } else if (swallowing) {
      boolean last = message instanceof LastHttpContent;
      ReferenceCountUtil.release(message);
      if (last) {
        swallowing = false;
      }
      context().read();
    } else {
      context().fireChannelRead(message);
    }
  }

  private void begin(HttpRequest head) {
    Incoming incoming = Incoming.of(context().channel());
    if (head.decoderResult().isFailure() || incoming == null) {
      context().fireChannelRead(head); // the server has its answer ready
      return;
    }
    request = head;
    headWritten = false;
    Connection from = incoming.connection();
    boolean http2 = context().channel() instanceof Http2StreamChannel;
    if (!server.security().trusted(from)) {
      closing = true;
      swallowing = !(head instanceof LastHttpContent);
      write(
          new Answer(
              new ResponseHead(403, Headers.of("content-type", "text/plain")),
              "inmesh: the trust roots that this connection was verified with are withdrawn",
              null),
          false);
      letGo();
      return;
    }
    Served served =
        new Served(
            server.services(),
            context().executor(),
            this,
            ServerHeads.request(head, http2),
            traits(head),
            from);
    current = served;
    served.start();
  }

  private static BodyTraits traits(HttpRequest head) {
    if (head.headers().contains("upgrade")) {
      return BodyTraits.DUPLEX;
    }
    String length = head.headers().get("content-length");
    boolean present =
        length == null ? head.headers().contains("transfer-encoding") : !length.equals("0");
    return present ? BodyTraits.ONE_SHOT : BodyTraits.NONE;
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    Served served = current;
    if (served != null) {
      served.event(upgraded ? new Event.AppEnd(null) : new Event.CallerGone());
      over();
    }
    letGo();
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
    dropHeld();
    from.fireChannelInactive();
  }

  // ---- Served.Gatekeeper

  @Override
  public void dispatched() {
    HttpRequest head = request;
    Served served = current;
    if (head == null || served == null) {
      return;
    }
    request = null;
    ServerHeads.apply(served.head(), head);
    server.requests().begin();
    counted = true;
    context().fireChannelRead(head);
    drainAhead();
  }

  @Override
  public void responded(ResponseHead head) {
    HttpResponse mine = response;
    Served served = current;
    if (mine == null || served == null) {
      return;
    }
    response = null;
    headWritten = true;
    ServerHeads.apply(head, mine, served.wantsResponse());
    farewell(mine);
    upgraded = mine.status().code() == 101;
    if (!held.isEmpty()) {
      drainHeld();
    }
  }

  @Override
  public void answered(Answer answer, boolean late) {
    HttpRequest head = request;
    swallowing = !late && !(head instanceof LastHttpContent);
    letGo();
    if (late) {
      dropHeld();
    }
    write(answer, late);
    if (!late) {
      over();
      drainAhead();
      if (swallowing) {
        context().read();
      }
    }
  }

  @Override
  public void aborted() {
    dropHeld();
    context().close();
  }

  /**
   * What the mesh says itself, in one piece.
   *
   * @param last of its channel: the application still has the request, and would write to it
   */
  private void write(Answer answer, boolean last) {
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    FullHttpResponse whole =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.head().status()),
            bytes.length == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes));
    Heads.copy(answer.head().headers(), whole.headers());
    whole.headers().set("content-length", bytes.length);
    Headers trailers = answer.trailers();
    if (trailers != null) {
      Heads.copy(trailers, whole.trailingHeaders());
    }
    boolean stream = context().channel() instanceof Http2StreamChannel;
    closing |= last && !stream;
    farewell(whole);
    var written = context().writeAndFlush(whole);
    if (last || (closing && !stream)) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** Before a head is written: the last on its connection, if that is to end. */
  private void farewell(HttpResponse head) {
    if (!closing && !server.services().draining()) {
      return;
    }
    closing = true;
    if (context().channel() instanceof Http2StreamChannel stream) {
      goAway(stream.parent());
    } else {
      head.headers().set("connection", "close");
    }
  }

  /** No further requests on that connection; those under way may end. On its loop. */
  static void goAway(Channel connection) {
    if (connection.pipeline().get(Http2FrameCodec.class) != null) {
      connection.writeAndFlush(new DefaultHttp2GoAwayFrame(0L));
      return;
    }
    Gate gate = connection.attr(KEY).get();
    if (gate == null || gate.current == null) {
      connection.close();
    }
  }

  // ---- what goes out

  @Override
  public void write(ChannelHandlerContext to, Object message, ChannelPromise promise) {
    Served served = current;
    if (upgraded || served == null || served.state() == Served.State.WAITING) {
      to.write(message, promise);
      return;
    }
    if (served.state() == Served.State.ANSWERED) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new ClosedChannelException());
      return;
    }
    if (!held.isEmpty()) {
      held.add(new Written(message, promise));
      return;
    }
    if (!headWritten && message instanceof HttpResponse head && isFinal(head)) {
      response = head;
      served.event(new Event.AppHead(ServerHeads.response(head, served.wantsResponse())));
      if (served.state() == Served.State.DISPATCHED) {
        held.add(new Written(message, promise)); // a filter has not decided yet
        return;
      }
      if (served.state() == Served.State.ANSWERED) {
        ReferenceCountUtil.release(message);
        promise.tryFailure(new ClosedChannelException());
        return;
      }
    }
    pass(served, to, message, promise);
  }

  /** Or the end of HTTP on this connection. */
  private static boolean isFinal(HttpResponse head) {
    int status = head.status().code();
    return status >= 200 || status == 101;
  }

  private void pass(
      Served served, ChannelHandlerContext to, Object message, ChannelPromise promise) {
    boolean last = message instanceof LastHttpContent && !upgraded && headWritten;
    if (last && closing && !(to.channel() instanceof Http2StreamChannel)) {
      promise = promise.unvoid();
      promise.addListener(ChannelFutureListener.CLOSE);
    }
    to.write(message, promise);
    if (last) {
      served.event(new Event.AppEnd(null));
      over();
      // not from within the server's own writing
      to.executor().execute(this::drainAhead);
    }
  }

  private void drainHeld() {
    Served served = current;
    while (served != null && served.state() == Served.State.RESPONDED && !held.isEmpty()) {
      Written first = held.remove();
      pass(served, context(), first.message, first.promise);
    }
    context().flush();
  }

  private void dropHeld() {
    for (Written each; (each = held.poll()) != null; ) {
      ReferenceCountUtil.release(each.message);
      each.promise.tryFailure(new ClosedChannelException());
    }
  }

  // ---- from one request to the next

  private void over() {
    current = null;
    response = null;
    if (counted) {
      counted = false;
      server.requests().end();
    }
  }

  private void letGo() {
    HttpRequest head = request;
    request = null;
    if (head != null) {
      ReferenceCountUtil.release(head);
    }
  }

  private void drainAhead() {
    if (inbound) {
      return;
    }
    inbound = true;
    try {
      while (!ahead.isEmpty() && !waits(ahead.element())) {
        take(ahead.remove());
      }
    } finally {
      inbound = false;
    }
  }
}
