package io.inmesh.identity;

import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A key and its chain that are shown to peers and are not the workload's identity: from a file or
 * from SDS. Told apart by identity: what replaces it is another one. Thread-safe; never prints its
 * key.
 */
public final class ShownCertificate extends Replaceable {
  private final List<X509Certificate> chain;
  private final PrivateKey key;

  private ShownCertificate(List<X509Certificate> chain, PrivateKey key) {
    this.chain = List.copyOf(chain);
    this.key = key;
  }

  /**
   * Reads and checks: the leaf belongs to the key and has not expired.
   *
   * @param where for messages
   * @throws CertificateException saying what is wrong, without quoting
   */
  public static ShownCertificate read(String where, String chainPem, String keyPem, Instant now)
      throws CertificateException {
    List<X509Certificate> chain = Pem.certificates(chainPem, where);
    PrivateKey key = Pem.privateKey(keyPem, where);
    X509Certificate leaf = chain.get(0);
    if (!KeyPairs.match(key, leaf.getPublicKey())) {
      throw new CertificateException(
          where + ": the certificate does not belong to the private key");
    }
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new CertificateException(
          where + ": the certificate expired at " + leaf.getNotAfter().toInstant());
    }
    return new ShownCertificate(chain, key);
  }

  /** The workload's own, as long as the store has it. */
  public static ShownCertificate of(WorkloadIdentity identity) {
    return new ShownCertificate(identity.chain(), identity.key());
  }

  public Instant notAfter() {
    return chain.get(0).getNotAfter().toInstant();
  }

  List<X509Certificate> chain() {
    return chain;
  }

  PrivateKey key() {
    return key;
  }

  @Override
  public String toString() {
    return "ShownCertificate["
        + ChainVerifier.describe(chain.get(0))
        + ", until "
        + notAfter()
        + "]";
  }
}
