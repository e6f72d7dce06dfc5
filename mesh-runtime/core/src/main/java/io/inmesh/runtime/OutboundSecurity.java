package io.inmesh.runtime;

import io.inmesh.call.Wire;
import io.inmesh.config.TransportSocket;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.identity.OutboundTlsSpec;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From the TLS that the configuration asks for to the sockets of the current identity. Thread-safe,
 * lock-free once warm.
 */
public final class OutboundSecurity {
  private static final String OWN = "default";
  private static final String MESH_ROOTS = "ROOTCA";

  private final OutboundTls tls;
  private final Map<Key, OutboundTlsSpec> specs = new ConcurrentHashMap<>();

  OutboundSecurity(OutboundTls tls) {
    this.tls = tls;
  }

  /**
   * TLS for an attempt, under the identity that is in force now; equal contexts may share
   * connections.
   *
   * @throws IdentityUnavailableException without a valid certificate: the attempt fails, nothing is
   *     sent in clear
   * @throws IllegalArgumentException when the wire is plaintext
   */
  public OutboundTlsContext context(Wire wire) throws IdentityUnavailableException {
    TransportSocket.Tls wanted = wire.tls();
    if (wanted == null) {
      throw new IllegalArgumentException("a plaintext wire");
    }
    Key key = new Key(wanted, wire.alpn());
    OutboundTlsSpec spec = specs.get(key);
    if (spec == null) {
      spec = spec(wanted, wire);
      specs.put(key, spec);
    }
    return tls.context(spec);
  }

  /**
   * Whether a context that was given before is what {@link #context} would give now; cheaper than
   * asking for it.
   *
   * @throws IdentityUnavailableException as {@link #context}
   */
  public boolean current(OutboundTlsContext context) throws IdentityUnavailableException {
    return tls.current(context);
  }

  private static OutboundTlsSpec spec(TransportSocket.Tls tls, Wire wire)
      throws IdentityUnavailableException {
    String sni = tls.sni().isEmpty() ? null : tls.sni();
    return new OutboundTlsSpec(
        sni, wire.alpn(), Sans.matcher(tls.sans()), Sans.versions(tls.versions()), trust(tls));
  }

  /**
   * Secrets by Istio's names: our own certificate, the mesh's roots, the platform's; no others can
   * be had yet.
   */
  private static OutboundTlsSpec.Trust trust(TransportSocket.Tls tls)
      throws IdentityUnavailableException {
    String certificate = tls.certificate();
    String roots = tls.trust();
    boolean system = roots == null || roots.equals("file-root:system");
    if (certificate != null
        && certificate.equals(OWN)
        && tls.verify()
        && MESH_ROOTS.equals(roots)) {
      return OutboundTlsSpec.Trust.MESH;
    }
    if (certificate == null && !tls.verify()) {
      return OutboundTlsSpec.Trust.UNVERIFIED;
    }
    if (certificate == null && system) {
      return OutboundTlsSpec.Trust.SYSTEM;
    }
    throw new IdentityUnavailableException(
        "TLS with certificate "
            + certificate
            + " and roots "
            + roots
            + " is not spoken here yet (DestinationRule tls): only the workload's own certificate with"
            + " the mesh's roots, and the platform's roots without a certificate, are");
  }

  private record Key(TransportSocket.Tls tls, List<String> alpn) {}
}
