package io.inmesh.reactor;

import io.inmesh.http.Connection;
import io.inmesh.identity.ClientHello;
import io.inmesh.identity.InboundTls;
import io.inmesh.runtime.InboundSecurity;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** What the first bytes of a connection said, and who is at its other end. Its loop's alone. */
final class Incoming {
  private static final AttributeKey<Incoming> KEY = AttributeKey.valueOf("inmesh.incoming");

  private final InboundSecurity security;
  private final ClientHello hello;
  private final @Nullable InboundTls tls;
  private final @Nullable SSLEngine engine;
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private @Nullable Connection known;

  Incoming(
      InboundSecurity security,
      ClientHello hello,
      @Nullable InboundTls tls,
      @Nullable SSLEngine engine,
      Channel channel) {
    this.security = security;
    this.hello = hello;
    this.tls = tls;
    this.engine = engine;
    this.local = address(channel.localAddress());
    this.remote = address(channel.remoteAddress());
  }

  void keep(Channel channel) {
    channel.attr(KEY).set(this);
  }

  /** Of a connection or of one of its streams; null before its first bytes were read. */
  static @Nullable Incoming of(Channel channel) {
    Channel parent = channel.parent();
    Incoming own = channel.attr(KEY).get();
    return own != null || parent == null ? own : parent.attr(KEY).get();
  }

  /** Once the handshake is complete: with the first request. */
  Connection connection() {
    Connection found = known;
    if (found == null) {
      found =
          tls == null || engine == null
              ? Connection.plaintext(ip(local), local.getPort(), ip(remote), remote.getPort())
              : security.connection(
                  tls,
                  engine.getSession(),
                  hello,
                  ip(local),
                  local.getPort(),
                  ip(remote),
                  remote.getPort());
      known = found;
    }
    return found;
  }

  static InetSocketAddress address(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? inet
        : InetSocketAddress.createUnresolved("", 0);
  }

  static String ip(InetSocketAddress address) {
    return address.getAddress() == null ? "" : address.getAddress().getHostAddress();
  }
}
