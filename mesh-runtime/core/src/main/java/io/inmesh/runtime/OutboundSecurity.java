package io.inmesh.runtime;

import io.inmesh.call.Wire;
import io.inmesh.config.SecretRef;
import io.inmesh.config.TransportSocket;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.identity.OutboundTlsSpec;
import io.inmesh.identity.PeerIdentity;
import io.inmesh.identity.ShownCertificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * From the TLS that the configuration asks for to the sockets of the current identity. Thread-safe,
 * lock-free once warm.
 */
public final class OutboundSecurity {
  private final OutboundTls tls;
  private final Secrets secrets;
  private final Map<Key, OutboundTlsSpec> specs = new ConcurrentHashMap<>();

  OutboundSecurity(OutboundTls tls, Secrets secrets) {
    this.tls = tls;
    this.secrets = secrets;
  }

  /**
   * TLS for an attempt, under the identity that is in force now; equal contexts may share
   * connections.
   *
   * @throws IdentityUnavailableException without a certificate, or a secret that the configuration
   *     names: the attempt fails, nothing is sent in clear
   * @throws IllegalArgumentException when the wire is plaintext
   */
  public OutboundTlsContext context(Wire wire) throws IdentityUnavailableException {
    TransportSocket.Tls wanted = wire.tls();
    if (wanted == null) {
      throw new IllegalArgumentException("a plaintext wire");
    }
    Key key = new Key(wanted, wire.alpn());
    OutboundTlsSpec spec = specs.get(key);
    if (wanted.certificate() != null || wanted.trust() != null) {
      spec = withSecrets(key, spec);
    } else if (spec == null) {
      spec =
          spec(
              key,
              wanted.verify() ? OutboundTlsSpec.Trust.SYSTEM : OutboundTlsSpec.Trust.UNVERIFIED,
              wanted.sans());
      specs.put(key, spec);
    }
    return tls.context(spec);
  }

  /** The SPIFFE name (first URI) of a peer's verified certificate; null: it has none. */
  public static @Nullable String principal(X509Certificate leaf) {
    List<String> names = PeerIdentity.uris(leaf);
    return names.isEmpty() ? null : names.get(0);
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

  private OutboundTlsSpec withSecrets(Key key, @Nullable OutboundTlsSpec known)
      throws IdentityUnavailableException {
    TransportSocket.Tls wanted = key.tls();
    SecretRef certificate = wanted.certificate();
    SecretRef trust = wanted.trust();
    if (SecretRef.OWN_CERTIFICATE.equals(certificate)
        && SecretRef.MESH_ROOTS.equals(trust)
        && wanted.verify()) {
      return known != null ? known : keep(key, OutboundTlsSpec.Trust.MESH, wanted.sans());
    }
    ShownCertificate shown = certificate == null ? null : secrets.certificate(certificate);
    Secrets.Roots roots =
        trust == null || trust.equals(SecretRef.SYSTEM_ROOTS) ? null : secrets.roots(trust);
    OutboundTlsSpec.Trust given =
        new OutboundTlsSpec.Trust.Secrets(
            shown, roots == null ? null : roots.believed(), wanted.verify());
    if (known != null && known.trust().equals(given)) {
      return known;
    }
    List<TransportSocket.San> names = new ArrayList<>(wanted.sans());
    if (roots != null) {
      names.addAll(roots.sans());
    }
    return keep(key, given, names);
  }

  private OutboundTlsSpec keep(
      Key key, OutboundTlsSpec.Trust trust, List<TransportSocket.San> names) {
    OutboundTlsSpec spec = spec(key, trust, names);
    specs.put(key, spec);
    return spec;
  }

  private static OutboundTlsSpec spec(
      Key key, OutboundTlsSpec.Trust trust, List<TransportSocket.San> names) {
    TransportSocket.Tls tls = key.tls();
    String sni = tls.sni().isEmpty() ? null : tls.sni();
    return new OutboundTlsSpec(
        sni, key.alpn(), Sans.matcher(names), Sans.versions(tls.versions()), trust);
  }

  private record Key(TransportSocket.Tls tls, List<String> alpn) {}
}
