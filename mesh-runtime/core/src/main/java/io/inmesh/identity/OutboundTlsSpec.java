package io.inmesh.identity;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How TLS to one cluster is spoken: what of Envoy's {@code UpstreamTlsContext} this process obeys.
 * A value: equal specifications share connections.
 *
 * @param sni the server name as it goes on the wire, any ASCII text (Istio's have underscores), or
 *     null for none
 * @param alpn the protocols to offer, in order, whatever the HTTP library asks for; empty: what the
 *     library asks for
 * @param peer which names the server may have
 * @param versions TLS versions to offer
 * @param trust whose certificates are believed, and whether ours is shown
 */
public record OutboundTlsSpec(
    @Nullable String sni, List<String> alpn, SanMatcher peer, TlsVersions versions, Trust trust) {

  /** What Istio offers for HTTP/1.1. */
  public static final List<String> ISTIO_HTTP_1_1 = List.of("istio-http/1.1", "istio", "http/1.1");

  /** What Istio offers for HTTP/2 and gRPC. */
  public static final List<String> ISTIO_H2 = List.of("istio-h2", "istio", "h2");

  public OutboundTlsSpec {
    alpn = List.copyOf(alpn);
    if (sni != null && !sni.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException("SNI is not printable ASCII");
    }
  }

  /** Mutual TLS with the workload's identity, believing the mesh's roots. */
  public static OutboundTlsSpec mesh(@Nullable String sni, List<String> alpn, SanMatcher peer) {
    return new OutboundTlsSpec(sni, alpn, peer, TlsVersions.DEFAULT, Trust.MESH);
  }

  /** TLS that shows no certificate: DestinationRule mode SIMPLE. */
  public static OutboundTlsSpec simple(
      @Nullable String sni, List<String> alpn, SanMatcher peer, Trust trust) {
    return new OutboundTlsSpec(sni, alpn, peer, TlsVersions.DEFAULT, trust);
  }

  /** Whose certificates are believed. */
  public sealed interface Trust {
    /** The mesh's roots; our certificate is shown. */
    Trust MESH = new Mesh();

    /** The platform's roots, {@code file-root:system}; no certificate is shown. */
    Trust SYSTEM = new SystemRoots();

    /** Anybody's, {@code trust_chain_verification: ACCEPT_UNTRUSTED}; no certificate is shown. */
    Trust UNVERIFIED = new Unverified();

    /** These roots; no certificate is shown. */
    static Trust roots(List<X509Certificate> roots) {
      return new Roots(List.copyOf(roots));
    }

    /**
     * What is given, by files or SDS.
     *
     * @param shown null: no certificate is shown
     * @param roots null: the platform's, if {@code verify}
     * @param verify false: anybody is believed
     */
    record Secrets(@Nullable ShownCertificate shown, @Nullable BelievedRoots roots, boolean verify)
        implements Trust {
      boolean replaced() {
        return (shown != null && shown.replaced()) || (roots != null && roots.replaced());
      }
    }

    /** See {@link #MESH}. */
    record Mesh() implements Trust {}

    /** See {@link #SYSTEM}. */
    record SystemRoots() implements Trust {}

    /** See {@link #UNVERIFIED}. */
    record Unverified() implements Trust {}

    /** See {@link #roots}. */
    record Roots(List<X509Certificate> roots) implements Trust {}
  }
}
