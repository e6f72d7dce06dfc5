package io.inmesh.grpc.server;

import io.grpc.Attributes;
import io.grpc.ServerBuilder;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.inmesh.http.Connection;
import io.inmesh.identity.ClientHello;
import io.inmesh.identity.InboundTls;
import io.inmesh.identity.InboundTlsSelector.Decision;
import io.inmesh.runtime.InboundSecurity;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * One port for plaintext and TLS in grpc-netty. All of its internal names that servers need are in
 * this class. {@code ShadedNettyPort} is the same text over the Netty inside grpc-netty-shaded; a
 * test holds the two equal.
 */
final class NettyPort implements InternalProtocolNegotiator.ProtocolNegotiator {
  private final Arrivals arrivals;

  private NettyPort(Arrivals arrivals) {
    this.arrivals = arrivals;
  }

  /** False: the builder is of another transport. */
  static boolean secure(ServerBuilder<?> builder, Arrivals arrivals) {
    if (!(builder instanceof NettyServerBuilder netty)) {
      return false;
    }
    NettyPort port = new NettyPort(arrivals);
    ServerSecurity security = ServerSecurity.of(netty, NettyServerBuilder.class);
    if (security.fixed()) {
      security.replace((InternalProtocolNegotiator.ServerFactory) pool -> port);
    } else {
      netty.protocolNegotiator(port);
    }
    return true;
  }

  /** Behind mutual TLS the application sees plain HTTP, as behind a sidecar. */
  @Override
  public AsciiString scheme() {
    return AsciiString.of("http");
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    ChannelHandler next = InternalProtocolNegotiators.grpcNegotiationHandler(grpc);
    return InternalProtocolNegotiators.waitUntilActiveHandler(
        new Entrance(arrivals, next), grpc.getNegotiationLogger());
  }

  @Override
  public void close() {}

  /** Holds a connection's first bytes until they tell what it is. */
  private static final class Entrance extends ChannelInboundHandlerAdapter {
    private final Arrivals arrivals;
    private final ChannelHandler next;
    private ProtocolNegotiationEvent negotiation = InternalProtocolNegotiationEvent.getDefault();
    private @Nullable ByteBuf received;
    private @Nullable InboundTls tls;
    private @Nullable ClientHello hello;

    Entrance(Arrivals arrivals, ChannelHandler next) {
      this.arrivals = arrivals;
      this.next = next;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof ProtocolNegotiationEvent begun) {
        negotiation = begun;
      } else if (event instanceof SslHandshakeCompletionEvent handshake) {
        handshaken(ctx, handshake);
      } else {
        super.userEventTriggered(ctx, event);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
      if (tls != null || !(message instanceof ByteBuf bytes)) {
        ctx.fireChannelRead(message);
        return;
      }
      ByteBuf all =
          received == null
              ? bytes
              : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), received, bytes);
      received = all;
      Arrivals.Ends ends = ends(ctx);
      InboundSecurity.First first = arrivals.first(ends, all.nioBuffer());
      if (first != null) {
        received = null;
        take(ctx, ends, first, all);
      }
    }

    private void take(
        ChannelHandlerContext ctx, Arrivals.Ends ends, InboundSecurity.First first, ByteBuf bytes)
        throws Exception {
      Decision decision = first.decision();
      InboundTls by = decision.tls();
      switch (decision.action()) {
        case PLAINTEXT -> {
          enter(ctx, arrivals.plaintext(ends));
          ctx.fireChannelRead(bytes);
        }
        case CLOSE -> {
          bytes.release();
          arrivals.refused(ends, decision.reason());
          ctx.close();
        }
        case TERMINATE -> {
          if (by == null) {
            throw new IllegalStateException("TERMINATE without TLS");
          }
          tls = by;
          hello = first.hello();
          Tls handler = new Tls(by, by.newEngine(), arrivals);
          ctx.pipeline().addBefore(ctx.name(), null, handler);
          handler.channelRead(ctx.pipeline().context(handler), bytes);
        }
      }
    }

    private void handshaken(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
      InboundTls by = tls;
      ClientHello said = hello;
      SslHandler handler = ctx.pipeline().get(SslHandler.class);
      if (handshake.isSuccess() && by != null && said != null && handler != null) {
        enter(ctx, arrivals.mutual(ends(ctx), by, handler.engine().getSession(), said));
      } else {
        arrivals.refused(ends(ctx), "the TLS handshake failed: " + handshake.cause());
        ctx.fireExceptionCaught(handshake.cause());
      }
    }

    /** The connection is gRPC's from here on. */
    private void enter(ChannelHandlerContext ctx, Connection connection) {
      Channel channel = ctx.channel();
      Runnable goAway = () -> channel.eventLoop().execute(channel::close);
      Attributes attributes =
          InternalProtocolNegotiationEvent.getAttributes(negotiation).toBuilder()
              .set(Arrival.KEY, new Arrival(connection, goAway))
              .set(MeshServerContext.CONNECTION, connection)
              .build();
      ctx.pipeline().replace(ctx.name(), null, next);
      ctx.fireUserEventTriggered(
          InternalProtocolNegotiationEvent.withAttributes(negotiation, attributes));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      ByteBuf unread = received;
      received = null;
      ReferenceCountUtil.release(unread);
    }

    private static Arrivals.Ends ends(ChannelHandlerContext ctx) {
      return Arrivals.Ends.of(ctx.channel().localAddress(), ctx.channel().remoteAddress());
    }
  }

  /** Releases the engine when the connection is over. */
  private static final class Tls extends SslHandler {
    private final InboundTls tls;
    private final Arrivals arrivals;

    Tls(InboundTls tls, SSLEngine engine, Arrivals arrivals) {
      // a handler of the engine's own Netty gives its reference back itself: one more for us
      super(ReferenceCountUtil.retain(engine), false);
      this.tls = tls;
      this.arrivals = arrivals;
      arrivals.engines().make();
    }

    @Override
    public void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
      try {
        super.handlerRemoved0(ctx);
      } finally {
        tls.release(engine());
        arrivals.engines().release();
      }
    }
  }
}
