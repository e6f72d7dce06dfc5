package io.inmesh.identity;

import java.security.GeneralSecurityException;
import java.security.NoSuchProviderException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** One SSLContext and what it believes. Told apart by identity: there is one per generation. */
record JsseContext(SSLContext ssl, X509ExtendedTrustManager trust) {

  static JsseContext of(WorkloadIdentity identity, Clock clock) {
    return make(
        new KeyManager[] {new IdentityKeyManager(identity)},
        new PeerTrustManager(
            new ChainVerifier(identity.roots(), clock::instant), SanMatcher.any()));
  }

  /** Shows what is given, if anything, and believes these roots, or everybody if null. */
  static JsseContext of(
      @Nullable ShownCertificate shown, @Nullable List<X509Certificate> roots, Clock clock) {
    return make(
        shown == null
            ? new KeyManager[0]
            : new KeyManager[] {new IdentityKeyManager(shown.key(), shown.chain())},
        new PeerTrustManager(
            roots == null ? everybody() : new ChainVerifier(roots, clock::instant),
            SanMatcher.any()));
  }

  static JsseContext unidentified(List<X509Certificate> roots, Clock clock) {
    return make(
        new KeyManager[0],
        new PeerTrustManager(new ChainVerifier(roots, clock::instant), SanMatcher.any()));
  }

  /** Believes everybody; only where the configuration says so. */
  static JsseContext unverified() {
    return make(new KeyManager[0], new PeerTrustManager(everybody(), SanMatcher.any()));
  }

  private static ChainVerifier everybody() {
    return new ChainVerifier(List.of(), Instant::now) {
      @Override
      void verify(List<X509Certificate> chain, Purpose purpose) {}
    };
  }

  static JsseContext make(KeyManager[] keys, X509ExtendedTrustManager trust) {
    try {
      SSLContext context = newContext();
      context.init(keys, new TrustManager[] {trust}, null);
      return new JsseContext(context, trust);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM gives no TLS", e);
    }
  }

  /** SunJSSE by name: other providers (Conscrypt) refuse server names with an underscore. */
  private static SSLContext newContext() throws GeneralSecurityException {
    try {
      return SSLContext.getInstance("TLS", "SunJSSE");
    } catch (NoSuchProviderException e) {
      return SSLContext.getInstance("TLS");
    }
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
