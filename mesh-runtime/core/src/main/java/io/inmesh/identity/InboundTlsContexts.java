package io.inmesh.identity;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link InboundTls} to use for a new connection: one per specification and generation, made
 * when first needed. Thread-safe; the usual way takes no lock.
 */
public final class InboundTlsContexts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.identity");
  private static final AtomicBoolean fallbackSaid = new AtomicBoolean();

  private final IdentityStore store;
  private final Clock clock;
  private final Runnable unsubscribe;
  private final ConcurrentMap<InboundTlsSpec, InboundTls> made = new ConcurrentHashMap<>();

  public InboundTlsContexts(IdentityStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    this.unsubscribe = store.listen(this::retireOlder);
  }

  /**
   * @throws IdentityUnavailableException if there is no certificate: the connection is to be closed
   */
  public InboundTls current(InboundTlsSpec spec) throws IdentityUnavailableException {
    InboundTls found = made.get(spec);
    InboundTlsSpec.Secrets secrets = spec.secrets();
    if (secrets != null) {
      return found != null ? found : given(spec, secrets);
    }
    WorkloadIdentity identity = store.require();
    if (found != null && isOf(found, identity)) {
      return found;
    }
    return made.compute(
        spec,
        (key, old) -> {
          if (old != null && !isOlder(old, identity)) {
            return old;
          }
          if (old != null) {
            old.retire();
          }
          return create(identity, key, clock);
        });
  }

  private InboundTls given(InboundTlsSpec spec, InboundTlsSpec.Secrets secrets)
      throws IdentityUnavailableException {
    for (Map.Entry<InboundTlsSpec, InboundTls> entry : made.entrySet()) {
      InboundTlsSpec.Secrets old = entry.getKey().secrets();
      if (old != null && old.replaced() && made.remove(entry.getKey(), entry.getValue())) {
        entry.getValue().retire();
      }
    }
    WorkloadIdentity shown = identityOf(secrets);
    return made.computeIfAbsent(spec, key -> create(shown, key, clock));
  }

  /** Generations 0: it has nothing to do with those of the store. */
  private static WorkloadIdentity identityOf(InboundTlsSpec.Secrets secrets)
      throws IdentityUnavailableException {
    ShownCertificate shown = secrets.shown();
    X509Certificate leaf = shown.chain().get(0);
    SpiffeId name;
    try {
      name = SpiffeId.of(leaf);
    } catch (IllegalArgumentException e) {
      throw new IdentityUnavailableException(
          "a server's certificate needs a SPIFFE ID here: " + e.getMessage());
    }
    return new WorkloadIdentity(
        name,
        shown.chain(),
        shown.key(),
        secrets.roots().roots(),
        0,
        0,
        leaf.getNotBefore().toInstant(),
        leaf.getNotAfter().toInstant());
  }

  private void retireOlder(WorkloadIdentity identity) {
    for (Map.Entry<InboundTlsSpec, InboundTls> entry : made.entrySet()) {
      if (entry.getKey().secrets() == null
          && isOlder(entry.getValue(), identity)
          && made.remove(entry.getKey(), entry.getValue())) {
        entry.getValue().retire();
      }
    }
  }

  private static boolean isOf(InboundTls tls, WorkloadIdentity identity) {
    return tls.keyGeneration() == identity.keyGeneration()
        && tls.trustGeneration() == identity.trustGeneration();
  }

  private static boolean isOlder(InboundTls tls, WorkloadIdentity identity) {
    return tls.keyGeneration() < identity.keyGeneration()
        || tls.trustGeneration() < identity.trustGeneration();
  }

  /** BoringSSL, or JSSE where its natives are missing; that is said once per process. */
  static InboundTls create(WorkloadIdentity identity, InboundTlsSpec spec, Clock clock) {
    PeerTrustManager trust =
        new PeerTrustManager(new ChainVerifier(identity.roots(), clock::instant), spec.peer());
    Throwable why;
    try {
      why = BoringSslInboundTls.unavailability();
      if (why == null) {
        return BoringSslInboundTls.create(identity, spec, trust);
      }
    } catch (LinkageError e) {
      why = e;
    }
    if (fallbackSaid.compareAndSet(false, true)) {
      log.atWarn()
          .addKeyValue("reason", why)
          .log(
              "BoringSSL (in grpc-netty-shaded) cannot be loaded here; inbound TLS runs on the JDK's"
                  + " own, which refuses callers whose server name has an underscore: every Istio"
                  + " sidecar's");
    }
    return new JsseInboundTls(identity, spec, trust);
  }

  /** Retires what was made and follows the store no more. */
  @Override
  public void close() {
    unsubscribe.run();
    made.values().forEach(InboundTls::retire);
    made.clear();
  }
}
