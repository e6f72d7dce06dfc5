package io.inmesh.identity;

import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the answer of Istio's CA: leaf, intermediates, and last a bundle of roots. */
final class CertificateAnswer {
  private CertificateAnswer() {}

  static IdentityMaterial read(
      List<String> entries, PrivateKey key, @Nullable String trustDomain, Instant now)
      throws IdentityRefusedException {
    if (entries.size() < 2) {
      throw new IdentityRefusedException(
          "the CA answered with "
              + entries.size()
              + " entries; wanted are a certificate, its intermediates and the roots");
    }
    int last = entries.size() - 1;
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (int i = 0; i < last; i++) {
        chain.addAll(Pem.certificates(entries.get(i), "entry " + (i + 1) + " of the CA's answer"));
      }
      List<X509Certificate> roots =
          Pem.certificates(entries.get(last), "the last entry (roots) of the CA's answer");
      return IdentityMaterial.check(key, chain, roots, trustDomain, now);
    } catch (CertificateException e) {
      throw new IdentityRefusedException(String.valueOf(e.getMessage()), e);
    }
  }
}
