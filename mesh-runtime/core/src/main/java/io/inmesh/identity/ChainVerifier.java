package io.inmesh.identity;

import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Whether a chain leads to a root, by the JDK's PKIX rules; the name is somebody else's matter. */
class ChainVerifier {
  /** Extended key usages; a certificate that states none may be used for anything, as in Envoy. */
  enum Purpose {
    SERVER("1.3.6.1.5.5.7.3.1"),
    CLIENT("1.3.6.1.5.5.7.3.2"),
    ANY("2.5.29.37.0");

    private final String oid;

    Purpose(String oid) {
      this.oid = oid;
    }
  }

  private final List<X509Certificate> roots;
  private final Set<TrustAnchor> anchors;
  private final Supplier<Instant> clock;

  ChainVerifier(List<X509Certificate> roots, Supplier<Instant> clock) {
    this.roots = List.copyOf(roots);
    this.anchors =
        roots.stream()
            .map(root -> new TrustAnchor(root, null))
            .collect(Collectors.toUnmodifiableSet());
    this.clock = clock;
  }

  List<X509Certificate> roots() {
    return roots;
  }

  /**
   * @throws CertificateException naming the first thing that is wrong
   */
  void verify(List<X509Certificate> chain, Purpose purpose) throws CertificateException {
    if (chain.isEmpty()) {
      throw new CertificateException("the peer shows no certificate");
    }
    X509Certificate leaf = chain.get(0);
    Date now = Date.from(clock.get());
    leaf.checkValidity(now);
    checkPurpose(leaf, purpose);
    if (anchors.isEmpty()) {
      throw new CertificateException("there is no trust root to verify the peer with");
    }
    if (roots.contains(leaf)) {
      return; // pinned itself; its time has been checked
    }
    try {
      validate(chain, now);
    } catch (CertPathValidatorException e) {
      if (e.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
        throw expired(e);
      }
      // Out of order, or with a cross-signed certificate too many: look for another way.
      try {
        build(chain, now);
      } catch (GeneralSecurityException second) {
        throw new CertificateException(
            "chain of "
                + describe(leaf)
                + " leads to none of the "
                + roots.size()
                + " trust roots ("
                + e.getMessage()
                + ")",
            e);
      }
    } catch (GeneralSecurityException e) {
      throw new CertificateException("chain of " + describe(leaf) + " cannot be checked", e);
    }
  }

  private void validate(List<X509Certificate> chain, Date now) throws GeneralSecurityException {
    List<X509Certificate> path =
        chain.stream().filter(certificate -> !roots.contains(certificate)).toList();
    CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
    PKIXParameters parameters = new PKIXParameters(anchors);
    parameters.setRevocationEnabled(false);
    parameters.setDate(now);
    checkAnchor(
        (PKIXCertPathValidatorResult)
            CertPathValidator.getInstance("PKIX").validate(certPath, parameters),
        now);
  }

  private void build(List<X509Certificate> chain, Date now) throws GeneralSecurityException {
    X509CertSelector target = new X509CertSelector();
    target.setCertificate(chain.get(0));
    PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(now);
    checkAnchor(
        (PKIXCertPathValidatorResult) CertPathBuilder.getInstance("PKIX").build(parameters), now);
  }

  /** Java does not look at an anchor's time, Envoy does. */
  private static void checkAnchor(PKIXCertPathValidatorResult result, Date now)
      throws CertificateException {
    X509Certificate root = result.getTrustAnchor().getTrustedCert();
    if (root != null) {
      root.checkValidity(now);
    }
  }

  private static void checkPurpose(X509Certificate leaf, Purpose purpose)
      throws CertificateException {
    List<String> stated = leaf.getExtendedKeyUsage();
    if (purpose != Purpose.ANY
        && stated != null
        && !stated.contains(purpose.oid)
        && !stated.contains(Purpose.ANY.oid)) {
      throw new CertificateException(
          describe(leaf)
              + " is not a certificate for a TLS "
              + purpose.name().toLowerCase(Locale.ROOT));
    }
  }

  private static CertificateException expired(Exception cause) {
    CertificateExpiredException e =
        new CertificateExpiredException("a certificate of the chain has expired");
    e.initCause(cause);
    return e;
  }

  static String describe(X509Certificate certificate) {
    List<String> names = PeerNames.of(certificate);
    return names.isEmpty() ? certificate.getSubjectX500Principal().getName() : names.toString();
  }
}
