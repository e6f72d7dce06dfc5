package io.inmesh.conformance;

import io.inmesh.config.HttpManager;
import io.inmesh.config.InboundChain;
import io.inmesh.config.InboundTable;
import io.inmesh.config.SecretRef;
import io.inmesh.config.TransportSocket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The chains that Istio's PeerAuthentication modes make of a declared HTTP port. */
public enum MtlsMode {
  STRICT,
  PERMISSIVE,
  DISABLE;

  /** Peers of {@code cluster.local} with a certificate, and plaintext as the mode has it. */
  public InboundTable table(HttpManager manager) {
    TransportSocket.San trustDomain =
        new TransportSocket.San(
            "URI",
            "prefix spiffe://cluster.local/",
            name -> name.startsWith("spiffe://cluster.local/"));
    InboundChain.DownstreamTls tls =
        new InboundChain.DownstreamTls(
            true,
            List.of("h2", "http/1.1"),
            SecretRef.OWN_CERTIFICATE,
            SecretRef.MESH_ROOTS,
            List.of(trustDomain),
            TransportSocket.TlsVersions.DEFAULT);
    InboundChain mutual = chain(tls, manager);
    InboundChain plain = chain(null, manager);
    return facts -> {
      if (this == DISABLE) {
        return plain;
      }
      if (!facts.tls()) {
        return this == STRICT ? null : plain;
      }
      boolean istio = facts.alpn().stream().anyMatch(name -> name.startsWith("istio"));
      return this == STRICT || istio ? mutual : null;
    };
  }

  private static InboundChain chain(InboundChain.@Nullable DownstreamTls tls, HttpManager manager) {
    return new InboundChain("virtualInbound/0.0.0.0_18080", tls, manager, List.of(), null);
  }
}
