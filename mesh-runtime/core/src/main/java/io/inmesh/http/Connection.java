package io.inmesh.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the connection that brought a request: addresses and, under mTLS, who the peer
 * is, as read from its verified certificate. Immutable.
 *
 * @param remoteIp textual IP address of the direct peer; empty when unknown
 * @param tls the connection is TLS that the mesh ended
 * @param sni requested server name; empty when none
 * @param alpn names that the client offered; empty without TLS
 * @param peerUriSans URI names of the peer's verified certificate; empty without mTLS
 * @param peerDnsSans DNS names of the same
 * @param peerSubject RFC 2253 subject of the same; empty for a certificate without one
 * @param peerCertificateHash SHA-256 of the DER certificate, lower-case hex; null without mTLS
 * @param localUriSan the name in our own certificate, as shown on this connection; null without TLS
 * @param trustGeneration which trust roots verified the peer; 0 without mTLS
 */
public record Connection(
    String localIp,
    int localPort,
    String remoteIp,
    int remotePort,
    boolean tls,
    String sni,
    List<String> alpn,
    List<String> peerUriSans,
    List<String> peerDnsSans,
    String peerSubject,
    @Nullable String peerCertificateHash,
    @Nullable String localUriSan,
    long trustGeneration) {

  /** A plaintext connection. */
  public static Connection plaintext(
      String localIp, int localPort, String remoteIp, int remotePort) {
    return new Connection(
        localIp,
        localPort,
        remoteIp,
        remotePort,
        false,
        "",
        List.of(),
        List.of(),
        List.of(),
        "",
        null,
        null,
        0);
  }

  /** The application itself, on its way out. */
  public static final Connection LOCAL = plaintext("127.0.0.1", 0, "127.0.0.1", 0);

  /** The peer's SPIFFE name, or null when the peer showed none. */
  public @Nullable String peer() {
    return peerUriSans.isEmpty() ? null : peerUriSans.get(0);
  }
}
