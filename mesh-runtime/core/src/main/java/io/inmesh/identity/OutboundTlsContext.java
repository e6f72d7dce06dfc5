package io.inmesh.identity;

import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;

/**
 * TLS to one cluster under one generation. A value: two are equal if their connections may be
 * shared; so are their parts.
 */
public final class OutboundTlsContext {
  private final JsseContext context;
  private final OutboundTlsSpec spec;
  private final long keyGeneration;
  private final long trustGeneration;
  private final SSLSocketFactory socketFactory;
  private final HostnameVerifier hostnameVerifier;

  OutboundTlsContext(
      JsseContext context, OutboundTlsSpec spec, long keyGeneration, long trustGeneration) {
    this.context = context;
    this.spec = spec;
    this.keyGeneration = keyGeneration;
    this.trustGeneration = trustGeneration;
    this.socketFactory = new MeshSslSocketFactory(context, spec);
    this.hostnameVerifier = new PeerNameVerifier(spec.peer());
  }

  /**
   * Layers TLS over connected sockets. Pass the endpoint's own address and port: sessions are
   * resumed by them. The sockets refuse a peer of another name in the handshake.
   */
  public SSLSocketFactory socketFactory() {
    return socketFactory;
  }

  /**
   * An engine in client mode for one connection, for event loops: it sends the mesh's server name
   * and ALPN list whatever is set on it later, and its handshake fails if the peer has another
   * name.
   *
   * @param ip the endpoint's own address, by which sessions are resumed
   */
  public SSLEngine newEngine(String ip, int port) {
    return MeshSslEngine.of(context, spec, ip, port);
  }

  /** What the socket factory believes; for libraries that ask for it beside the factory. */
  public X509TrustManager trustManager() {
    return context.trust();
  }

  /** Checks the peer's name on the session and ignores the host that it is called with. */
  public HostnameVerifier hostnameVerifier() {
    return hostnameVerifier;
  }

  public OutboundTlsSpec spec() {
    return spec;
  }

  /** Of the identity that is shown; 0 if none is. */
  public long keyGeneration() {
    return keyGeneration;
  }

  /** Of the mesh's roots; 0 if they are not used. */
  public long trustGeneration() {
    return trustGeneration;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OutboundTlsContext that
        && context.equals(that.context)
        && spec.equals(that.spec);
  }

  @Override
  public int hashCode() {
    return 31 * context.hashCode() + spec.hashCode();
  }
}
