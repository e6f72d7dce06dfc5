package io.inmesh.identity;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A JSSE socket that keeps to its specification whatever an HTTP library sets afterwards, and that
 * gives no stream before the peer's name has been checked.
 */
final class MeshSslSocket extends DelegatingSslSocket {
  private final OutboundTlsSpec spec;
  private final String peer;
  private boolean verified;

  MeshSslSocket(SSLSocket delegate, OutboundTlsSpec spec, String peer) {
    super(delegate);
    this.spec = spec;
    this.peer = peer;
  }

  /** The library sets its own ALPN list here; the mesh's names take its place. */
  @Override
  public void setSSLParameters(SSLParameters parameters) {
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
    String[] allowed = spec.versions().javaNames(protocols);
    if (allowed.length == 0) {
      throw new IllegalArgumentException(
          "the HTTP client allows none of the TLS versions of this destination: "
              + spec.versions());
    }
    super.setEnabledProtocols(allowed);
  }

  @Override
  public void startHandshake() throws IOException {
    super.startHandshake();
    if (!verified) {
      SSLSession session = super.getSession();
      try {
        PeerNames.check(session, spec.peer(), peer);
      } catch (IOException e) {
        session.invalidate();
        close();
        throw e;
      }
      verified = true;
    }
  }

  @Override
  public SSLSession getSession() {
    if (!verified && isConnected() && !isClosed()) {
      try {
        startHandshake();
      } catch (IOException e) {
        // JSSE's contract: a session that is not valid says that the handshake failed
        return super.getSession();
      }
    }
    return super.getSession();
  }

  @Override
  public InputStream getInputStream() throws IOException {
    if (!verified) {
      startHandshake();
    }
    return super.getInputStream();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    if (!verified) {
      startHandshake();
    }
    return super.getOutputStream();
  }

  /** In the words of HTTP libraries, which know no name of Istio's. */
  @Override
  public @Nullable String getApplicationProtocol() {
    return IstioAlpn.plain(super.getApplicationProtocol());
  }
}
