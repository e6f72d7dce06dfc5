package io.inmesh.identity;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is taken from other workloads: what of Envoy's {@code DownstreamTlsContext} this process
 * obeys. A value.
 *
 * @param requireClientCertificate Envoy's {@code require_client_certificate}; if false, a
 *     certificate is asked for, and one that is shown must still be good
 * @param peer which names the client may have
 * @param alpn what may be chosen, in order of preference; none in common is no error
 * @param versions TLS versions to accept
 * @param secrets what is shown and believed instead of the workload's identity; null: that
 */
public record InboundTlsSpec(
    boolean requireClientCertificate,
    SanMatcher peer,
    List<String> alpn,
    TlsVersions versions,
    @Nullable Secrets secrets) {

  /** Given by files or SDS. */
  public record Secrets(ShownCertificate shown, BelievedRoots roots) {
    boolean replaced() {
      return shown.replaced() || roots.replaced();
    }
  }

  public InboundTlsSpec {
    alpn = List.copyOf(alpn);
  }

  /** With the workload's identity. */
  public InboundTlsSpec(
      boolean requireClientCertificate, SanMatcher peer, List<String> alpn, TlsVersions versions) {
    this(requireClientCertificate, peer, alpn, versions, null);
  }

  /** Istio's mutual TLS: HTTP/2 or HTTP/1.1, TLS 1.2 or 1.3, a certificate required. */
  public static InboundTlsSpec mutual(SanMatcher peer) {
    return new InboundTlsSpec(true, peer, List.of("h2", "http/1.1"), TlsVersions.DEFAULT);
  }
}
