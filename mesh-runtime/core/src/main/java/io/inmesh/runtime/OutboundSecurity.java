package io.inmesh.runtime;

import io.inmesh.call.Wire;
import io.inmesh.config.TransportSocket;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.identity.OutboundTlsSpec;
import io.inmesh.identity.SanMatcher;
import io.inmesh.identity.TlsVersions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From the TLS that the configuration asks for to the sockets of the current identity. Thread-safe,
 * lock-free once warm.
 */
public final class OutboundSecurity {
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

  private static OutboundTlsSpec spec(TransportSocket.Tls tls, Wire wire) {
    SanMatcher peer = Sans.matcher(tls.sans());
    TlsVersions versions = Sans.versions(tls.versions());
    String sni = tls.sni().isEmpty() ? null : tls.sni();
    OutboundTlsSpec.Trust trust =
        tls.certificate() != null ? OutboundTlsSpec.Trust.MESH : OutboundTlsSpec.Trust.SYSTEM;
    return new OutboundTlsSpec(sni, wire.alpn(), peer, versions, trust);
  }

  private record Key(TransportSocket.Tls tls, java.util.List<String> alpn) {}
}
