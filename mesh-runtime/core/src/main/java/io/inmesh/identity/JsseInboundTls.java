package io.inmesh.identity;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * Inbound TLS on the JDK's own, where BoringSSL is missing. It refuses Istio's server names.
 *
 * <p>Resumption cannot be turned off for one context, but each generation and specification has its
 * own: what is resumed was verified by the same roots and the same names.
 */
final class JsseInboundTls implements InboundTls {
  private static final int SESSION_SECONDS = 60;

  private final WorkloadIdentity identity;
  private final InboundTlsSpec spec;
  private final JsseContext context;

  JsseInboundTls(WorkloadIdentity identity, InboundTlsSpec spec, PeerTrustManager trust) {
    this.identity = identity;
    this.spec = spec;
    this.context = JsseContext.make(new KeyManager[] {new IdentityKeyManager(identity)}, trust);
    SSLSessionContext sessions = context.ssl().getServerSessionContext();
    sessions.setSessionCacheSize(1);
    sessions.setSessionTimeout(SESSION_SECONDS);
  }

  @Override
  public SSLEngine newEngine() {
    SSLEngine engine = context.ssl().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(spec.versions().javaNames());
    engine.setSSLParameters(parameters);
    // Given a list, JSSE ends the handshake of a client that has none of it; this answers "none".
    engine.setHandshakeApplicationProtocolSelector(
        (e, offered) -> spec.alpn().stream().filter(offered::contains).findFirst().orElse(""));
    if (spec.requireClientCertificate()) {
      engine.setNeedClientAuth(true);
    } else {
      engine.setWantClientAuth(true);
    }
    return engine;
  }

  @Override
  public void release(SSLEngine engine) {}

  @Override
  public void retire() {}

  @Override
  public SpiffeId spiffeId() {
    return identity.spiffeId();
  }

  @Override
  public long keyGeneration() {
    return identity.keyGeneration();
  }

  @Override
  public long trustGeneration() {
    return identity.trustGeneration();
  }

  @Override
  public String implementation() {
    return "JSSE";
  }

  @Override
  public @Nullable PeerIdentity peer(SSLSession session) {
    return PeerIdentity.of(session, trustGeneration());
  }
}
