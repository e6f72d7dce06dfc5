package io.inmesh.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled inbound {@code FilterChain}.
 *
 * @param name {@code virtualInbound/0.0.0.0_18080}
 * @param tls null: plaintext (or TLS that is not ended here)
 * @param http null: a TCP chain; bytes go to the application as they are
 * @param networkRbac {@code envoy.filters.network.rbac} filters before the proxy, in order
 * @param notYet not null: connections are refused, with the reason
 */
public record InboundChain(
    String name,
    @Nullable DownstreamTls tls,
    @Nullable HttpManager http,
    List<HttpFilterConfig> networkRbac,
    @Nullable NotYet notYet) {

  /**
   * A compiled {@code DownstreamTlsContext}.
   *
   * @param alpn offered, in order
   * @param sans one must match the client's; empty: any from the roots
   */
  public record DownstreamTls(
      boolean requireClientCertificate,
      List<String> alpn,
      SecretRef certificate,
      @Nullable SecretRef trust,
      List<TransportSocket.San> sans,
      TransportSocket.TlsVersions versions) {}
}
