package io.inmesh.identity;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identity in use. Written by one source at a time, read by everybody; reading takes no lock.
 *
 * <p>Generations start at 1 and only rise. A renewed key serves new connections only. A root that
 * is taken away moves {@link #oldestTrustGeneration()}: connections verified under an older one are
 * to be drained.
 */
public final class IdentityStore {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.identity");

  private final CopyOnWriteArrayList<Consumer<WorkloadIdentity>> listeners =
      new CopyOnWriteArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile @Nullable WorkloadIdentity current;
  private volatile long oldestTrustGeneration = 1;
  private volatile @Nullable String lastFailure;

  /** The identity in use, or null before the first. It may have expired: see {@link #valid}. */
  public @Nullable WorkloadIdentity current() {
    return current;
  }

  /**
   * @throws IdentityUnavailableException if there is none, saying what the source's last trouble
   *     was
   */
  public WorkloadIdentity require() throws IdentityUnavailableException {
    WorkloadIdentity now = current;
    if (now == null) {
      throw new IdentityUnavailableException("this workload has no certificate yet" + because());
    }
    return now;
  }

  /** Whether there is an identity that a peer would accept at that time. */
  public boolean valid(Instant now) {
    WorkloadIdentity identity = current;
    return identity != null && identity.valid(now);
  }

  /** Connections verified under a trust generation below this one rest on a root that is gone. */
  public long oldestTrustGeneration() {
    return oldestTrustGeneration;
  }

  /** Why the source could not deliver the last time it tried, or null if it could. */
  public @Nullable String lastFailure() {
    return lastFailure;
  }

  /**
   * Blocks the caller until there is an identity.
   *
   * @throws IdentityUnavailableException if there is none in that time
   */
  public WorkloadIdentity awaitFirst(Duration limit)
      throws InterruptedException, IdentityUnavailableException {
    if (!first.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new IdentityUnavailableException(
          "no certificate within " + limit.toMillis() + " ms" + because());
    }
    return require();
  }

  /**
   * Calls back for each change from now on, in order, on the source's thread; it must not block.
   *
   * @return closes the subscription
   */
  public Runnable listen(Consumer<WorkloadIdentity> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Puts checked material to use; the same once more changes nothing. */
  public synchronized void update(IdentityMaterial material) {
    lastFailure = null;
    WorkloadIdentity old = current;
    WorkloadIdentity next;
    if (old == null) {
      next = material.inUse(1, 1);
    } else {
      boolean sameKey = material.sameKeyAs(old);
      Set<X509Certificate> was = new HashSet<>(old.roots());
      Set<X509Certificate> is = new HashSet<>(material.roots());
      if (sameKey && was.equals(is)) {
        return;
      }
      next =
          material.inUse(
              sameKey ? old.keyGeneration() : old.keyGeneration() + 1,
              was.equals(is) ? old.trustGeneration() : old.trustGeneration() + 1);
      if (!is.containsAll(was)) {
        oldestTrustGeneration = next.trustGeneration();
      }
    }
    current = next;
    first.countDown();
    log.atInfo()
        .addKeyValue("spiffe_id", next.spiffeId())
        .addKeyValue("key_generation", next.keyGeneration())
        .addKeyValue("trust_generation", next.trustGeneration())
        .addKeyValue("roots", next.roots().size())
        .addKeyValue("not_after", next.notAfter())
        .log(old == null ? "workload certificate received" : "workload certificate renewed");
    for (Consumer<WorkloadIdentity> listener : List.copyOf(listeners)) {
      try {
        listener.accept(next);
      } catch (RuntimeException e) {
        log.atError().setCause(e).log("a listener failed on a new identity; the others are told");
      }
    }
  }

  /** A source could not deliver; what is in use stays. */
  void failed(String why) {
    lastFailure = why;
  }

  private String because() {
    String why = lastFailure;
    return why == null ? "" : "; last trouble: " + why;
  }
}
