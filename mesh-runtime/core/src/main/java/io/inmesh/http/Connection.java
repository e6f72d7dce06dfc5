package io.inmesh.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the connection that brought a request: addresses and, under mTLS, who the peer
 * is, as read from its verified certificate. Immutable but for {@link #derived}.
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
 * @param derived what the package above has last made of this connection, for all its requests
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
    long trustGeneration,
    Derived derived) {

  public Connection(
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
    this(
        localIp,
        localPort,
        remoteIp,
        remotePort,
        tls,
        sni,
        alpn,
        peerUriSans,
        peerDnsSans,
        peerSubject,
        peerCertificateHash,
        localUriSan,
        trustGeneration,
        new Derived());
  }

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

  /** One thing, replaced as a whole; no part of what a connection is. Thread-safe. */
  public static final class Derived {
    private volatile @Nullable Object made;

    public @Nullable Object get() {
      return made;
    }

    public void set(Object newest) {
      made = newest;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Derived;
    }

    @Override
    public int hashCode() {
      return 0;
    }

    @Override
    public String toString() {
      return "";
    }
  }

  /** The peer's SPIFFE name, or null when the peer showed none. */
  public @Nullable String peer() {
    return peerUriSans.isEmpty() ? null : peerUriSans.get(0);
  }
}
