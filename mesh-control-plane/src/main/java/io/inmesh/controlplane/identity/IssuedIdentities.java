package io.inmesh.controlplane.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Certificates with keys made here, for workloads that cannot ask for one with a key of their own:
 * Envoys on this machine. Keys are in memory only, one for each workload, renewed at half of its
 * life. Used by one thread.
 */
public final class IssuedIdentities {
  private final CertificateAuthority authority;
  private final Clock clock;
  private final Duration lifetime;
  private final Map<SpiffeId, Issued> issued = new HashMap<>();

  public IssuedIdentities(CertificateAuthority authority, Clock clock, Duration lifetime) {
    this.authority = authority;
    this.clock = clock;
    this.lifetime = lifetime;
  }

  /** PEM; the key is PKCS 8. Prints without it. */
  public record Issued(String chain, String key, Instant renewAt) {
    @Override
    public String toString() {
      return "certificate to be renewed at " + renewAt;
    }
  }

  /** The workload's own, the same until half of its life is over. */
  public Issued of(SpiffeId workload) {
    Instant now = clock.instant();
    Issued known = issued.get(workload);
    if (known == null || !now.isBefore(known.renewAt())) {
      try {
        CertificateAuthority.WithKey made = authority.issue(workload, lifetime);
        known = new Issued(made.chain(), made.key(), now.plus(lifetime.dividedBy(2)));
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException("no certificate can be made for " + workload, e);
      }
      issued.put(workload, known);
    }
    return known;
  }

  public String roots() {
    return authority.rootPem();
  }

  /** When the first of them has to be renewed; null: none was asked for. */
  public @Nullable Instant nextRenewal() {
    return issued.values().stream().map(Issued::renewAt).min(Instant::compareTo).orElse(null);
  }

  /** Forgets workloads that are not here any more. */
  public void retain(java.util.Set<SpiffeId> workloads) {
    issued.keySet().retainAll(workloads);
  }
}
