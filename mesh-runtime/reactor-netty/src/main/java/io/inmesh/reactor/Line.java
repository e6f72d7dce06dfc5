package io.inmesh.reactor;

import io.inmesh.call.Wire;
import io.inmesh.http.Protocol;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.runtime.HostLine;
import io.inmesh.upstream.Host;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider;

/**
 * The way to one host: a Reactor Netty client with a pool of its own, on the application's loops.
 */
final class Line extends HostLine {
  private static final int PLENTY = 1 << 20;

  /** As Envoy's {@code max_response_headers_kb}. */
  private static final int HEADER_BYTES = 60 * 1024;

  private final ConnectionProvider pool;
  private final HttpClient client;
  private final Host host;

  /** Of https of the application's own: by the name that its TLS is for. */
  private final Map<String, HttpClient> named = new ConcurrentHashMap<>();

  private Line(
      Host host,
      Wire wire,
      @Nullable OutboundTlsContext tls,
      ConnectionProvider pool,
      HttpClient client) {
    super(wire, tls);
    this.host = host;
    this.pool = pool;
    this.client = client;
  }

  static Line to(
      Host host, Wire wire, @Nullable OutboundTlsContext tls, HttpClientConfig application) {
    String ip = host.endpoint().host();
    int port = host.endpoint().port();
    ConnectionProvider pool = pool(wire);
    InetSocketAddress address = new InetSocketAddress(ip, port);
    HttpClient client =
        HttpClient.create(pool)
            .runOn(application.loopResources(), application.isPreferNative())
            .remoteAddress(() -> address)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(wire.connectTimeoutNanos()))
            .httpResponseDecoder(spec -> spec.maxHeaderSize(HEADER_BYTES))
            .protocol(protocols(wire, tls != null))
            .compress(application.isAcceptGzip())
            .disableRetry(true)
            .followRedirect(false)
            .noProxy();
    if (application.responseTimeout() != null) {
      client = client.responseTimeout(application.responseTimeout());
    }
    if (tls != null) {
      SslProvider.Builder secure = SslProvider.builder().sslContext(new EngineTls(tls, ip, port));
      if (wire.connectTimeoutNanos() != 0) {
        secure.handshakeTimeoutMillis(millis(wire.connectTimeoutNanos()));
      }
      client = client.secure(secure.build());
    }
    if (wire.applicationTls()) {
      SslProvider own = application.sslProvider();
      client =
          own == null
              ? client.protocol(HttpProtocol.HTTP11).secure()
              : client.protocol(HttpProtocol.HTTP11).secure(own);
    }
    return new Line(host, wire, tls, pool, client);
  }

  private static ConnectionProvider pool(Wire wire) {
    ConnectionProvider.Builder pool =
        ConnectionProvider.builder("inmesh").maxConnections(PLENTY).lifo();
    if (wire.idleNanos() != 0) {
      // looked after in the background, so that a connection does not stay only since nobody calls
      Duration idle = Duration.ofNanos(wire.idleNanos());
      pool.maxIdleTime(idle).evictInBackground(idle.dividedBy(2).plusMillis(1));
    }
    return pool.build();
  }

  private static HttpProtocol[] protocols(Wire wire, boolean tls) {
    if (wire.protocol() != Protocol.HTTP2) {
      return new HttpProtocol[] {HttpProtocol.HTTP11};
    }
    return tls
        ? new HttpProtocol[] {HttpProtocol.H2, HttpProtocol.HTTP11}
        : new HttpProtocol[] {HttpProtocol.H2C};
  }

  /** Netty counts in milliseconds and takes 0 for never. */
  private static int millis(long nanos) {
    return nanos == 0
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
  }

  /** For requests to that authority. */
  HttpClient client(String authority) {
    return wire().applicationTls() ? named.computeIfAbsent(authority, this::named) : client;
  }

  /** The endpoint's address under the name that SNI and certificate are to have. */
  private HttpClient named(String authority) {
    InetSocketAddress address = named(host.endpoint().host(), host.endpoint().port(), authority);
    return client.remoteAddress(() -> address);
  }

  private static InetSocketAddress named(String ip, int port, String authority) {
    String name = URI.create("https://" + authority).getHost();
    try {
      byte[] bytes = InetAddress.getByName(ip).getAddress();
      return new InetSocketAddress(InetAddress.getByAddress(name, bytes), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an address to connect to: " + ip, e);
    }
  }

  @Override
  protected void disconnect() {
    pool.dispose();
  }
}
