package io.inmesh.reactor;

import io.inmesh.identity.InboundTls;
import io.inmesh.identity.InboundTlsSelector.Decision;
import io.inmesh.runtime.InboundSecurity;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;

/**
 * Looks at the first bytes of a connection, however they are cut, and has the mesh decide: handed
 * on as they are, TLS ended here, or closed.
 */
final class Hello extends ByteToMessageDecoder {
  private final MeshServer server;

  Hello(MeshServer server) {
    this.server = server;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    InetSocketAddress local = Incoming.address(context.channel().localAddress());
    InetSocketAddress remote = Incoming.address(context.channel().remoteAddress());
    InboundSecurity security = server.security();
    InboundSecurity.First first =
        security.decide(Incoming.ip(local), local.getPort(), Incoming.ip(remote), in.nioBuffer());
    if (first == null) {
      context.read(); // nobody else asks for more before there is something
      return;
    }
    Decision decision = first.decision();
    switch (decision.action()) {
      case PLAINTEXT -> {
        new Incoming(security, first.hello(), null, null, context.channel())
            .keep(context.channel());
        context.pipeline().remove(this);
      }
      case TERMINATE -> {
        InboundTls tls = decision.tls();
        if (tls == null) {
          throw new IllegalStateException("TLS without a way to end it");
        }
        SSLEngine engine = tls.newEngine();
        server.engines().make();
        new Incoming(security, first.hello(), tls, engine, context.channel())
            .keep(context.channel());
        context.pipeline().addAfter(context.name(), "inmesh.tls", new Tls(engine, tls, server));
        context.pipeline().remove(this);
      }
      case CLOSE -> {
        server.closed().say(Incoming.ip(remote), local.getPort(), decision.reason());
        in.skipBytes(in.readableBytes());
        context.close();
      }
    }
  }

  /** Lets go of its engine when it leaves the pipeline, which it does exactly once. */
  private static final class Tls extends SslHandler {
    private final InboundTls tls;
    private final MeshServer server;
    private final AtomicBoolean released = new AtomicBoolean();

    Tls(SSLEngine engine, InboundTls tls, MeshServer server) {
      super(engine);
      this.tls = tls;
      this.server = server;
    }

    @Override
    public void handlerRemoved0(ChannelHandlerContext context) throws Exception {
      try {
        super.handlerRemoved0(context);
      } finally {
        if (released.compareAndSet(false, true)) {
          tls.release(engine());
          server.engines().release();
        }
      }
    }
  }
}
