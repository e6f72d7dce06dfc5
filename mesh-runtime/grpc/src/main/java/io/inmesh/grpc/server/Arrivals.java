package io.inmesh.grpc.server;

import io.inmesh.http.Connection;
import io.inmesh.identity.ClientHello;
import io.inmesh.identity.InboundTls;
import io.inmesh.identity.InboundTlsSelector;
import io.inmesh.runtime.ClosedConnections;
import io.inmesh.runtime.Engines;
import io.inmesh.runtime.InboundSecurity;
import io.inmesh.runtime.MeshServices;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What becomes of new connections, in words that know no Netty. Thread-safe. */
final class Arrivals {
  private final MeshServices services;
  private final InboundSecurity security;
  private final ClosedConnections closed = new ClosedConnections();
  private final Engines engines = new Engines();

  Arrivals(MeshServices services) {
    this.services = services;
    this.security = services.inbound();
  }

  /** TLS engines that were made and released. */
  Engines engines() {
    return engines;
  }

  /**
   * Both ends of a connection; empty and 0 for what is no IP address (a Unix domain socket), which
   * no filter chain takes.
   */
  record Ends(String localIp, int localPort, String remoteIp, int remotePort) {
    static Ends of(@Nullable SocketAddress local, @Nullable SocketAddress remote) {
      return new Ends(ip(local), port(local), ip(remote), port(remote));
    }

    private static String ip(@Nullable SocketAddress address) {
      return address instanceof InetSocketAddress inet && inet.getAddress() != null
          ? inet.getAddress().getHostAddress()
          : "";
    }

    private static int port(@Nullable SocketAddress address) {
      return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }
  }

  /** By all that has arrived; null: more is needed. */
  InboundSecurity.@Nullable First first(Ends ends, ByteBuffer received) {
    if (services.draining()) {
      return new InboundSecurity.First(
          ClientHello.peek(received), InboundTlsSelector.Decision.close("the mesh is closing"));
    }
    return security.decide(ends.localIp(), ends.localPort(), ends.remoteIp(), received);
  }

  Connection plaintext(Ends ends) {
    return Connection.plaintext(
        ends.localIp(), ends.localPort(), ends.remoteIp(), ends.remotePort());
  }

  Connection mutual(Ends ends, InboundTls tls, SSLSession session, ClientHello hello) {
    return security.connection(
        tls, session, hello, ends.localIp(), ends.localPort(), ends.remoteIp(), ends.remotePort());
  }

  void refused(Ends ends, String reason) {
    closed.say(ends.remoteIp(), ends.localPort(), reason);
  }
}
