package io.inmesh.identity;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The subject alternative names of a peer, and the judgement about them. */
final class PeerNames {
  private static final int DNS = 2;
  private static final int URI = 6;
  private static final int IP = 7;

  private PeerNames() {}

  /** URI, DNS and IP names. A DNS name that poses as a SPIFFE ID is left out. */
  static List<String> of(X509Certificate certificate) {
    return of(certificate, Set.of(DNS, URI, IP));
  }

  static List<String> uris(X509Certificate certificate) {
    return of(certificate, Set.of(URI));
  }

  static List<String> dns(X509Certificate certificate) {
    return of(certificate, Set.of(DNS));
  }

  private static List<String> of(X509Certificate certificate, Set<Integer> kinds) {
    List<String> found = new ArrayList<>();
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (name.get(0) instanceof Integer kind
            && kinds.contains(kind)
            && name.get(1) instanceof String value
            && (kind == URI || !value.contains("://"))) {
          found.add(value);
        }
      }
    } catch (CertificateParsingException e) {
      return List.of(); // no name that could be believed
    }
    return List.copyOf(found);
  }

  /**
   * @param who for the message: the peer's address, as far as it is known
   * @throws SSLPeerUnverifiedException naming what was shown and what was wanted
   */
  static void check(SSLSession session, SanMatcher wanted, String who)
      throws SSLPeerUnverifiedException {
    Certificate[] chain = session.getPeerCertificates();
    List<String> shown =
        chain.length > 0 && chain[0] instanceof X509Certificate leaf ? of(leaf) : List.of();
    if (!wanted.matchesAny(shown)) {
      throw new SSLPeerUnverifiedException(refusal(who, shown, wanted));
    }
  }

  static String refusal(String who, List<String> shown, SanMatcher wanted) {
    return who
        + " has a valid certificate of another workload: its names are "
        + shown
        + ", wanted is "
        + wanted;
  }
}
