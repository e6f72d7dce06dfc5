package io.inmesh.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * What this workload shows and believes from one moment on. Immutable.
 *
 * @param spiffeId own name, from the leaf
 * @param chain leaf first, then intermediates, without the root
 * @param key of the leaf; never printed
 * @param roots the trust bundle
 * @param keyGeneration rises with every new key or chain: new connections use it, old ones stay
 * @param trustGeneration rises with every change of the roots
 * @param notBefore of the leaf
 * @param notAfter of the leaf
 */
public record WorkloadIdentity(
    SpiffeId spiffeId,
    List<X509Certificate> chain,
    PrivateKey key,
    List<X509Certificate> roots,
    long keyGeneration,
    long trustGeneration,
    Instant notBefore,
    Instant notAfter) {

  public WorkloadIdentity {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
  }

  public X509Certificate leaf() {
    return chain.get(0);
  }

  /** Shows this identity to everybody who asks. */
  public X509ExtendedKeyManager keyManager() {
    return new IdentityKeyManager(this);
  }

  /** Whether a peer would accept the leaf at that time. */
  public boolean valid(Instant now) {
    return !now.isBefore(notBefore) && !now.isAfter(notAfter);
  }

  @Override
  public String toString() {
    return "WorkloadIdentity["
        + spiffeId
        + ", key generation "
        + keyGeneration
        + ", trust generation "
        + trustGeneration
        + ", until "
        + notAfter
        + "]";
  }
}
