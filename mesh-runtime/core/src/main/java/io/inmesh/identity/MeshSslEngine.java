package io.inmesh.identity;

import java.nio.ByteBuffer;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * What {@link MeshSslSocket} is for event loops: a JSSE engine that keeps to its specification
 * whatever an HTTP library sets afterwards, and whose handshake does not finish with a peer of
 * another name.
 */
final class MeshSslEngine extends DelegatingSslEngine {
  private final OutboundTlsSpec spec;
  private final String peer;
  private boolean verified;

  private MeshSslEngine(SSLEngine delegate, OutboundTlsSpec spec, String peer) {
    super(delegate);
    this.spec = spec;
    this.peer = peer;
  }

  static SSLEngine of(JsseContext context, OutboundTlsSpec spec, String ip, int port) {
    SSLEngine engine = context.ssl().createSSLEngine(ip, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(spec.versions().javaNames());
    MeshSslEngine made = new MeshSslEngine(engine, spec, ip + ":" + port);
    made.setSSLParameters(parameters);
    return made;
  }

  /** The library sets its own ALPN list and host name here; the mesh's take their place. */
  @Override
  public void setSSLParameters(SSLParameters parameters) {
    parameters.setServerNames(
        spec.sni() == null ? List.of() : List.of(new RawServerName(spec.sni())));
    if (!spec.alpn().isEmpty()) {
      parameters.setApplicationProtocols(spec.alpn().toArray(String[]::new));
    }
    String[] protocols = parameters.getProtocols();
    if (protocols != null) {
      parameters.setProtocols(spec.versions().javaNames(protocols));
    }
    parameters.setEndpointIdentificationAlgorithm(null);
    super.setSSLParameters(parameters);
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {
    super.setEnabledProtocols(spec.versions().javaNames(protocols));
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to)
      throws SSLException {
    return checked(super.wrap(from, offset, length, to));
  }

  @Override
  public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length)
      throws SSLException {
    return checked(super.unwrap(from, to, offset, length));
  }

  /** Also of a resumed session, which no trust manager sees. */
  private SSLEngineResult checked(SSLEngineResult result) throws SSLException {
    if (!verified && result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
      try {
        PeerNames.check(getSession(), spec.peer(), peer);
      } catch (SSLPeerUnverifiedException e) {
        getSession().invalidate();
        closeOutbound();
        throw e;
      }
      verified = true;
    }
    return result;
  }

  /** In the words of HTTP libraries, which know no name of Istio's. */
  @Override
  public @Nullable String getApplicationProtocol() {
    return IstioAlpn.plain(super.getApplicationProtocol());
  }
}
