package io.inmesh.grpc;

import io.grpc.Attributes;
import io.grpc.ChannelCredentials;
import io.grpc.ChannelLogger;
import io.grpc.Grpc;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import io.grpc.internal.GrpcAttributes;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyChannelCredentials;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.inmesh.identity.OutboundTlsContext;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AsciiString;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * What a connection of grpc-netty speaks, by the line that it is made for. All of its internal
 * names that this package uses are here. Its twin is {@link ShadedNettyTransport}: a test holds
 * them equal but for the names of packages.
 */
final class NettyTransport {
  private NettyTransport() {}

  static ChannelCredentials credentials(ChannelCredentials outside) {
    InternalProtocolNegotiator.ClientFactory beside =
        InternalNettyChannelCredentials.toNegotiator(outside);
    return InternalNettyChannelCredentials.create(
        new InternalProtocolNegotiator.ClientFactory() {
          @Override
          public InternalProtocolNegotiator.ProtocolNegotiator newNegotiator() {
            return new Negotiator(beside.newNegotiator());
          }

          @Override
          public int getDefaultPort() {
            return beside.getDefaultPort();
          }
        });
  }

  private static final class Negotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator beside;
    private final InternalProtocolNegotiator.ProtocolNegotiator plaintext =
        InternalProtocolNegotiators.plaintext();

    Negotiator(InternalProtocolNegotiator.ProtocolNegotiator beside) {
      this.beside = beside;
    }

    /** Behind a sidecar the scheme is http, whatever is below. */
    @Override
    public AsciiString scheme() {
      return plaintext.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
      Line line = grpc.getEagAttributes().get(Line.KEY);
      if (line == null) {
        return beside.newHandler(grpc);
      }
      if (line.tls == null) {
        return plaintext.newHandler(grpc);
      }
      ChannelLogger logger = grpc.getNegotiationLogger();
      return InternalProtocolNegotiators.waitUntilActiveHandler(
          new Handshake(
              InternalProtocolNegotiators.grpcNegotiationHandler(grpc), logger, line, line.tls),
          logger);
    }

    @Override
    public void close() {
      beside.close();
      plaintext.close();
    }
  }

  /** Lets nothing through before the handshake is over, in which the peer's name is checked. */
  private static final class Handshake
      extends InternalProtocolNegotiators.ProtocolNegotiationHandler {
    private final Line line;
    private final OutboundTlsContext tls;

    Handshake(ChannelHandler next, ChannelLogger logger, Line line, OutboundTlsContext tls) {
      super(next, "MeshTls", logger);
      this.line = line;
      this.tls = tls;
    }

    @Override
    protected void handlerAdded0(ChannelHandlerContext ctx) {
      SslHandler handler =
          new SslHandler(tls.newEngine(line.host.endpoint().host(), line.host.endpoint().port()));
      handler.setHandshakeTimeoutMillis(0); // the line has a limit of its own
      ctx.pipeline().addBefore(ctx.name(), null, handler);
    }

    @Override
    protected void userEventTriggered0(ChannelHandlerContext ctx, Object event) throws Exception {
      if (!(event instanceof SslHandshakeCompletionEvent done)) {
        super.userEventTriggered0(ctx, event);
        return;
      }
      if (!done.isSuccess()) {
        ctx.fireExceptionCaught(done.cause());
        return;
      }
      SslHandler handler = ctx.pipeline().get(SslHandler.class);
      SSLSession session = handler.engine().getSession();
      String chosen = handler.applicationProtocol();
      if (chosen != null && chosen.endsWith("http/1.1")) {
        ctx.fireExceptionCaught(new SSLException(line.host.address() + " speaks HTTP/1.1 only"));
        return;
      }
      Attributes attributes =
          InternalProtocolNegotiationEvent.getAttributes(getProtocolNegotiationEvent()).toBuilder()
              .set(GrpcAttributes.ATTR_SECURITY_LEVEL, SecurityLevel.PRIVACY_AND_INTEGRITY)
              .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
              // names of hosts say nothing here: the workload's name was checked
              .set(GrpcAttributes.ATTR_AUTHORITY_VERIFIER, authority -> Status.OK)
              .build();
      replaceProtocolNegotiationEvent(
          InternalProtocolNegotiationEvent.withAttributes(
              getProtocolNegotiationEvent(), attributes));
      fireProtocolNegotiationEvent(ctx);
    }
  }
}
