package io.inmesh.identity;

import io.inmesh.identity.OutboundTlsSpec.Trust;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS to other workloads. Thread-safe; reading the current context takes no lock once it is made.
 *
 * <p>There is one SSLContext per generation of key and roots, made when first needed. Session
 * resumption therefore never crosses a change of trust.
 */
public final class OutboundTls {
  private final IdentityStore store;
  private final Clock clock;
  private final ConcurrentMap<Trust, JsseContext> unidentified = new ConcurrentHashMap<>();
  private volatile Generation generation = new Generation(0, 0, null);

  public OutboundTls(IdentityStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * What is to be used for new connections from now on.
   *
   * @throws IdentityUnavailableException if our certificate is to be shown and there is none
   */
  public OutboundTlsContext context(OutboundTlsSpec spec) throws IdentityUnavailableException {
    if (!(spec.trust() instanceof Trust.Mesh)) {
      return new OutboundTlsContext(
          unidentified.computeIfAbsent(spec.trust(), this::unidentified), spec, 0, 0);
    }
    WorkloadIdentity identity = store.require();
    Generation now = generation;
    JsseContext context = now.context();
    if (context == null || !now.isOf(identity)) {
      context = renew(identity);
    }
    return new OutboundTlsContext(
        context, spec, identity.keyGeneration(), identity.trustGeneration());
  }

  private synchronized JsseContext renew(WorkloadIdentity identity) {
    Generation now = generation;
    if (now.context() != null && now.isOf(identity)) {
      return now.context();
    }
    JsseContext context = JsseContext.of(identity, clock);
    if (identity.keyGeneration() >= now.key() && identity.trustGeneration() >= now.trust()) {
      generation = new Generation(identity.keyGeneration(), identity.trustGeneration(), context);
    }
    return context;
  }

  private JsseContext unidentified(Trust trust) {
    if (trust instanceof Trust.Unverified) {
      return JsseContext.unverified();
    }
    return JsseContext.unidentified(
        trust instanceof Trust.Roots given ? given.roots() : systemRoots(), clock);
  }

  private static List<X509Certificate> systemRoots() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          return List.of(x509.getAcceptedIssuers());
        }
      }
      return List.of();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the platform's trust roots cannot be read", e);
    }
  }

  private record Generation(long key, long trust, @Nullable JsseContext context) {
    boolean isOf(WorkloadIdentity identity) {
      return key == identity.keyGeneration() && trust == identity.trustGeneration();
    }
  }
}
