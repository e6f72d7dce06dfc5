package io.inmesh.call;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.TransportSocket;
import io.inmesh.http.Protocol;
import io.inmesh.match.IpAddress;
import io.inmesh.match.Strings;
import io.inmesh.upstream.Failure;
import io.inmesh.upstream.Host;
import java.util.List;

/** What is spoken to a host: protocol by cluster, ALPN names by protocol. */
final class Wires {
  /** What Istio's sidecars offer, and in PERMISSIVE demand, on HTTP ports. */
  private static final List<String> ISTIO_HTTP1 = List.of("istio-http/1.1", "istio", "http/1.1");

  private static final List<String> ISTIO_HTTP2 = List.of("istio-h2", "istio", "h2");
  private static final List<String> ISTIO_TCP = List.of("istio");
  private static final List<String> HTTP1 = List.of("http/1.1");
  private static final List<String> HTTP2 = List.of("h2");

  private Wires() {}

  /** Remembered at the host for the configuration that it was made of. */
  static Wire of(ClusterConfig cluster, Host host, Protocol downstream, HttpOptions options) {
    TransportSocket socket = host.socket();
    if (host.derived() instanceof Made made
        && made.cluster == cluster
        && made.socket == socket
        && made.downstream == downstream
        && made.istioAlpn == options.istioAlpn()) {
      return made.wire;
    }
    Wire wire = make(cluster, socket, downstream, options);
    host.derived(new Made(cluster, socket, downstream, options.istioAlpn(), wire));
    return wire;
  }

  /** The server's name as the request has it: {@code auto_sni}, {@code auto_san_validation}. */
  static Wire named(Wire wire, ClusterConfig.AutoNames names, String authority) {
    TransportSocket.Tls tls = wire.tls();
    if (tls == null || names.equals(ClusterConfig.AutoNames.NONE)) {
      return wire;
    }
    int port = Authorities.portStart(authority);
    String host = port < 0 ? authority : authority.substring(0, port - 1);
    boolean six = host.startsWith("[") && host.endsWith("]");
    String bare = six ? host.substring(1, host.length() - 1) : host;
    boolean ip = IpAddress.parse(bare) != null;
    TransportSocket.San san =
        ip
            ? new TransportSocket.San("IP", "IP:" + bare, bare::equals)
            : new TransportSocket.San("DNS", "DNS:" + bare, Strings.dnsName(bare));
    return new Wire(
        wire.protocol(),
        new TransportSocket.Tls(
            names.sni() && !ip ? bare : tls.sni(),
            tls.alpn(),
            tls.certificate(),
            tls.trust(),
            tls.verify(),
            names.san() ? List.of(san) : tls.sans(),
            tls.versions()),
        wire.alpn(),
        wire.applicationTls(),
        wire.connectTimeoutNanos(),
        wire.idleNanos());
  }

  /** Compared by identity: a changed configuration is a new object. */
  private record Made(
      ClusterConfig cluster,
      TransportSocket socket,
      Protocol downstream,
      boolean istioAlpn,
      Wire wire) {}

  private static Wire make(
      ClusterConfig cluster, TransportSocket socket, Protocol downstream, HttpOptions options) {
    Protocol protocol =
        switch (cluster.protocol()) {
          case HTTP11 -> Protocol.HTTP11;
          case HTTP2 -> Protocol.HTTP2;
          case DOWNSTREAM -> downstream == Protocol.HTTP2 ? Protocol.HTTP2 : Protocol.HTTP11;
        };
    return of(cluster, socket, protocol, options.istioAlpn(), false);
  }

  /**
   * For a TCP proxy: nothing is said about HTTP, and TCP metadata exchange is not spoken, so it is
   * not offered.
   */
  static Wire tcp(
      ClusterConfig cluster, TransportSocket socket, Protocol downstream, boolean applicationTls) {
    return of(cluster, socket, downstream, false, applicationTls);
  }

  private static Wire of(
      ClusterConfig cluster,
      TransportSocket socket,
      Protocol protocol,
      boolean istioAlpn,
      boolean applicationTls) {
    TransportSocket.Tls tls = socket instanceof TransportSocket.Tls t ? t : null;
    return new Wire(
        protocol,
        tls,
        tls == null ? List.of() : offered(tls, protocol == Protocol.HTTP2, istioAlpn),
        applicationTls,
        cluster.connectTimeoutNanos(),
        cluster.idleNanos());
  }

  private static List<String> offered(TransportSocket.Tls tls, boolean h2, boolean istioAlpn) {
    boolean mesh = tls.alpn().contains("istio");
    if (istioAlpn && mesh) {
      // what the istio.alpn filter puts in place of the configured names
      return h2 ? ISTIO_HTTP2 : ISTIO_HTTP1;
    }
    if (mesh) {
      return ISTIO_TCP;
    }
    return tls.alpn().isEmpty() ? (h2 ? HTTP2 : HTTP1) : tls.alpn();
  }

  static Failure failure(ResetKind kind) {
    return switch (kind) {
      case CONNECT_FAILURE -> Failure.CONNECT;
      case CONNECT_TIMEOUT -> Failure.CONNECT_TIMEOUT;
      case TLS_FAILURE -> Failure.TLS;
      default -> Failure.RESET;
    };
  }
}
