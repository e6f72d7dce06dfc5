package io.inmesh.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code virtualInbound}: which filter chain a connection to a port of the application meets.
 * Immutable, thread-safe.
 */
public interface InboundTable {
  /**
   * The chain by Envoy's rules of {@code FilterChainMatch} (which do not go back): destination
   * port, address, server name, transport protocol, application protocols, source.
   *
   * @return null: no chain matches, the connection is closed
   */
  @Nullable InboundChain find(ConnectionFacts facts);

  /**
   * What was seen of a connection before anything was answered.
   *
   * @param tls a TLS ClientHello came first
   * @param sni empty when none
   * @param alpn names offered by the client; for plaintext what the HTTP inspector found ({@code
   *     http/1.1}, {@code h2c}) or empty
   */
  record ConnectionFacts(
      String localIp, int localPort, String remoteIp, boolean tls, String sni, List<String> alpn) {}
}
