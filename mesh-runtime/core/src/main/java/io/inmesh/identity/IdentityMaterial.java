package io.inmesh.identity;

import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key, its chain and the roots as a source delivered them, checked, not yet in use. */
public final class IdentityMaterial {
  private final SpiffeId spiffeId;
  private final List<X509Certificate> chain;
  private final PrivateKey key;
  private final List<X509Certificate> roots;

  private IdentityMaterial(
      SpiffeId spiffeId, List<X509Certificate> chain, PrivateKey key, List<X509Certificate> roots) {
    this.spiffeId = spiffeId;
    this.chain = chain;
    this.key = key;
    this.roots = roots;
  }

  /**
   * Checks that the leaf belongs to the key, is in force now, names a SPIFFE ID of the wanted trust
   * domain and leads to one of the roots.
   *
   * @param chain leaf first; roots at its end are dropped
   * @param trustDomain the wanted one, or null for any
   * @throws IdentityRefusedException naming what is wrong
   */
  public static IdentityMaterial check(
      PrivateKey key,
      List<X509Certificate> chain,
      List<X509Certificate> roots,
      @Nullable String trustDomain,
      Instant now)
      throws IdentityRefusedException {
    if (chain.isEmpty() || roots.isEmpty()) {
      throw new IdentityRefusedException(
          chain.isEmpty() ? "no certificate was given" : "no trust root was given");
    }
    X509Certificate leaf = chain.get(0);
    SpiffeId name;
    try {
      name = SpiffeId.of(leaf);
    } catch (IllegalArgumentException e) {
      throw new IdentityRefusedException("the certificate names no workload: " + e.getMessage(), e);
    }
    if (trustDomain != null && !trustDomain.equals(name.trustDomain())) {
      throw new IdentityRefusedException(
          "the certificate is of trust domain "
              + name.trustDomain()
              + " ("
              + name
              + "), wanted is "
              + trustDomain);
    }
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new IdentityRefusedException(
          "the certificate of " + name + " expired at " + leaf.getNotAfter().toInstant());
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw new IdentityRefusedException(
          "the certificate of "
              + name
              + " is not valid before "
              + leaf.getNotBefore().toInstant()
              + "; is this machine's clock right?");
    }
    if (!KeyPairs.match(key, leaf.getPublicKey())) {
      throw new IdentityRefusedException(
          "the certificate of " + name + " does not belong to the private key");
    }
    List<X509Certificate> anchors = List.copyOf(new LinkedHashSet<>(roots));
    try {
      new ChainVerifier(anchors, () -> now).verify(chain, ChainVerifier.Purpose.ANY);
    } catch (CertificateException e) {
      throw new IdentityRefusedException(
          "the certificate of " + name + " does not lead to a given root: " + e.getMessage(), e);
    }
    List<X509Certificate> shown = new ArrayList<>(chain);
    while (shown.size() > 1 && anchors.contains(shown.get(shown.size() - 1))) {
      shown.remove(shown.size() - 1);
    }
    return new IdentityMaterial(name, List.copyOf(shown), key, anchors);
  }

  SpiffeId spiffeId() {
    return spiffeId;
  }

  List<X509Certificate> roots() {
    return roots;
  }

  Instant notAfter() {
    return chain.get(0).getNotAfter().toInstant();
  }

  boolean sameKeyAs(WorkloadIdentity other) {
    return chain.equals(other.chain()) && key.equals(other.key());
  }

  WorkloadIdentity inUse(long keyGeneration, long trustGeneration) {
    return new WorkloadIdentity(
        spiffeId,
        chain,
        key,
        roots,
        keyGeneration,
        trustGeneration,
        chain.get(0).getNotBefore().toInstant(),
        notAfter());
  }

  @Override
  public String toString() {
    return "IdentityMaterial[" + spiffeId + ", until " + notAfter() + "]";
  }
}
