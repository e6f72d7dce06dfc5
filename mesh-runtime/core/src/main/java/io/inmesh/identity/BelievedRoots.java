package io.inmesh.identity;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Roots that are believed and are not the mesh's: from a file or from SDS. Told apart by identity.
 * Thread-safe.
 */
public final class BelievedRoots extends Replaceable {
  private final List<X509Certificate> roots;

  private BelievedRoots(List<X509Certificate> roots) {
    this.roots = List.copyOf(roots);
  }

  /**
   * @throws CertificateException if there is none in it or one is malformed
   */
  public static BelievedRoots read(String where, String pem) throws CertificateException {
    return new BelievedRoots(Pem.certificates(pem, where));
  }

  /** The mesh's, as long as the store has them. */
  public static BelievedRoots of(WorkloadIdentity identity) {
    return new BelievedRoots(identity.roots());
  }

  /** Believes nobody: where no certificate is asked for. */
  public static BelievedRoots none() {
    return new BelievedRoots(List.of());
  }

  List<X509Certificate> roots() {
    return roots;
  }

  @Override
  public String toString() {
    return "BelievedRoots[" + roots.size() + "]";
  }
}
