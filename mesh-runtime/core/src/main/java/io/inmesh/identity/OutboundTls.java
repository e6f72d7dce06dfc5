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
  private final ConcurrentMap<OutboundTlsSpec, OutboundTlsContext> withoutIdentity =
      new ConcurrentHashMap<>();
  private volatile @Nullable Generation generation;

  public OutboundTls(IdentityStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * What is to be used for new connections from now on; the same object while nothing changes.
   *
   * @throws IdentityUnavailableException if our certificate is to be shown and there is none
   */
  public OutboundTlsContext context(OutboundTlsSpec spec) throws IdentityUnavailableException {
    if (!(spec.trust() instanceof Trust.Mesh)) {
      OutboundTlsContext made = withoutIdentity.get(spec);
      if (made != null) {
        return made;
      }
      withoutIdentity.keySet().removeIf(old -> replaced(old.trust()));
      return withoutIdentity.computeIfAbsent(spec, this::withoutIdentity);
    }
    WorkloadIdentity identity = store.require();
    Generation now = generation;
    return (now != null && now.isOf(identity) ? now : renew(identity)).context(spec);
  }

  private OutboundTlsContext withoutIdentity(OutboundTlsSpec spec) {
    if (spec.trust() instanceof Trust.Secrets) {
      unidentified.keySet().removeIf(OutboundTls::replaced);
    }
    return new OutboundTlsContext(
        unidentified.computeIfAbsent(spec.trust(), this::unidentified), spec, 0, 0);
  }

  /**
   * Whether new connections may still be made in that context: its key and roots are in use.
   *
   * @throws IdentityUnavailableException if our certificate is to be shown and there is none
   */
  public boolean current(OutboundTlsContext context) throws IdentityUnavailableException {
    if (context.keyGeneration() == 0) {
      return !replaced(context.spec().trust());
    }
    WorkloadIdentity identity = store.require();
    return identity.keyGeneration() == context.keyGeneration()
        && identity.trustGeneration() == context.trustGeneration();
  }

  private synchronized Generation renew(WorkloadIdentity identity) {
    Generation now = generation;
    if (now != null && now.isOf(identity)) {
      return now;
    }
    Generation next = new Generation(identity, JsseContext.of(identity, clock));
    if (now == null || !now.isNewerThan(identity)) {
      generation = next;
    }
    return next;
  }

  private static boolean replaced(Trust trust) {
    return trust instanceof Trust.Secrets secrets && secrets.replaced();
  }

  private JsseContext unidentified(Trust trust) {
    if (trust instanceof Trust.Secrets given) {
      BelievedRoots roots = given.roots();
      return JsseContext.of(
          given.shown(),
          !given.verify() ? null : roots == null ? systemRoots() : roots.roots(),
          clock);
    }
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

  /** One SSLContext and what was made of it. */
  private static final class Generation {
    private final long key;
    private final long trust;
    private final JsseContext context;
    private final ConcurrentMap<OutboundTlsSpec, OutboundTlsContext> made =
        new ConcurrentHashMap<>();

    Generation(WorkloadIdentity identity, JsseContext context) {
      this.key = identity.keyGeneration();
      this.trust = identity.trustGeneration();
      this.context = context;
    }

    boolean isOf(WorkloadIdentity identity) {
      return key == identity.keyGeneration() && trust == identity.trustGeneration();
    }

    boolean isNewerThan(WorkloadIdentity identity) {
      return key > identity.keyGeneration() || trust > identity.trustGeneration();
    }

    OutboundTlsContext context(OutboundTlsSpec spec) {
      OutboundTlsContext found = made.get(spec);
      return found != null
          ? found
          : made.computeIfAbsent(
              spec, wanted -> new OutboundTlsContext(context, wanted, key, trust));
    }
  }
}
