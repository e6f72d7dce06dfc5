package io.inmesh.reactor;

import io.inmesh.call.CallContext;
import io.inmesh.runtime.ClosedConnections;
import io.inmesh.runtime.Engines;
import io.inmesh.runtime.InboundSecurity;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningRequests;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** What the connections of one wrapped server share. Thread-safe. */
final class MeshServer {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");
  private static final String HELLO = "inmesh.hello";
  private static final String GATE = "inmesh.gate";

  private final MeshServices services;
  private final RunningRequests requests = new RunningRequests();
  private final ClosedConnections closed = new ClosedConnections();
  private final Engines engines = new Engines();

  /** Open connections, not their streams. */
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  MeshServer(MeshServices services) {
    this.services = services;
  }

  HttpServer around(HttpServer target) {
    return target
        .protocol(HttpProtocol.H2C, HttpProtocol.HTTP11)
        .forwarded((info, request) -> info.withScheme("http"))
        .mapHandle(MeshServer::inContext)
        .doOnChannelInit(this::opened)
        .childObserve(this::changed)
        .doOnBound(this::bound);
  }

  MeshServices services() {
    return services;
  }

  InboundSecurity security() {
    return services.inbound();
  }

  RunningRequests requests() {
    return requests;
  }

  ClosedConnections closed() {
    return closed;
  }

  Engines engines() {
    return engines;
  }

  private void opened(
      ConnectionObserver observer, Channel channel, @Nullable SocketAddress remote) {
    connections.add(channel);
    channel.pipeline().addFirst(HELLO, new Hello(this));
    channel.pipeline().addBefore(NettyPipeline.HttpTrafficHandler, GATE, new Gate(this));
  }

  /** Streams of HTTP/2 have pipelines of their own, which nobody else tells of. */
  private void changed(Connection connection, ConnectionObserver.State state) {
    if (state == ConnectionObserver.State.CONNECTED
        && connection.channel() instanceof Http2StreamChannel stream
        && stream.pipeline().get(NettyPipeline.HttpTrafficHandler) != null
        && stream.pipeline().get(GATE) == null) {
      stream.pipeline().addBefore(NettyPipeline.HttpTrafficHandler, GATE, new Gate(this));
    }
  }

  private static Mono<Void> inContext(Mono<Void> handled, Connection connection) {
    CallContext context = Gate.context(connection.channel());
    return context == null
        ? handled
        : handled.contextWrite(of -> of.put(CallContext.class, context));
  }

  // ---- the end

  private void bound(DisposableServer server) {
    AtomicReference<Runnable> takeBack = new AtomicReference<>();
    takeBack.set(services.onDrain(() -> drain(server)));
    server.onDispose().subscribe(null, e -> takeBack.get().run(), () -> takeBack.get().run());
  }

  /** No new connections, no new requests on old ones; those that run may end. */
  private void drain(DisposableServer server) {
    server.channel().config().setAutoRead(false);
    for (Channel connection : connections) {
      connection.eventLoop().execute(() -> Gate.goAway(connection));
    }
    boolean drained = requests.awaitNone(services.drainLimit());
    LOG.atInfo()
        .addKeyValue("port", server.port())
        .log(
            drained
                ? "drained"
                : "drained as far as the limit allowed; requests were still running");
  }
}
