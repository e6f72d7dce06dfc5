package io.inmesh.jdkhttpserver;

import io.inmesh.identity.InboundTls;
import java.security.Principal;
import java.security.cert.Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * Leads from a request to the engine of its connection, and says how large buffers are to be. The
 * application never sees it.
 */
final class EngineSession implements SSLSession {
  private final MeshEngine engine;

  EngineSession(MeshEngine engine) {
    this.engine = engine;
  }

  MeshEngine engine() {
    return engine;
  }

  @Override
  public int getPacketBufferSize() {
    return InboundTls.APPLICATION_BUFFER_SIZE;
  }

  @Override
  public int getApplicationBufferSize() {
    return InboundTls.APPLICATION_BUFFER_SIZE;
  }

  @Override
  public byte[] getId() {
    return new byte[0];
  }

  @Override
  public @Nullable SSLSessionContext getSessionContext() {
    return null;
  }

  @Override
  public long getCreationTime() {
    return 0;
  }

  @Override
  public long getLastAccessedTime() {
    return 0;
  }

  @Override
  public void invalidate() {}

  @Override
  public boolean isValid() {
    return false;
  }

  @Override
  public void putValue(String name, Object value) {}

  @Override
  public @Nullable Object getValue(String name) {
    return null;
  }

  @Override
  public void removeValue(String name) {}

  @Override
  public String[] getValueNames() {
    return new String[0];
  }

  @Override
  public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
    throw new SSLPeerUnverifiedException("the mesh knows the peer");
  }

  @Override
  public Certificate @Nullable [] getLocalCertificates() {
    return null;
  }

  @Override
  public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
    throw new SSLPeerUnverifiedException("the mesh knows the peer");
  }

  @Override
  public @Nullable Principal getLocalPrincipal() {
    return null;
  }

  @Override
  public String getCipherSuite() {
    return "";
  }

  @Override
  public String getProtocol() {
    return "";
  }

  @Override
  public @Nullable String getPeerHost() {
    return null;
  }

  @Override
  public int getPeerPort() {
    return -1;
  }
}
