package io.inmesh.identity;

import io.inmesh.identity.ChainVerifier.Purpose;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes chains that lead to the roots of one trust generation, and leaves that the matcher
 * knows.
 *
 * <p>Resumed sessions do not come by here: whoever allows resumption checks the name on the
 * session.
 */
final class PeerTrustManager extends X509ExtendedTrustManager {
  private final ChainVerifier chains;
  private final SanMatcher names;

  PeerTrustManager(ChainVerifier chains, SanMatcher names) {
    this.chains = chains;
    this.names = names;
  }

  void check(X509Certificate[] shown, Purpose purpose) throws CertificateException {
    chains.verify(List.of(shown), purpose);
    List<String> sans = PeerNames.of(shown[0]);
    if (!names.matchesAny(sans)) {
      throw new CertificateException(PeerNames.refusal("the peer", sans, names));
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, Purpose.CLIENT);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, Purpose.CLIENT);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, Purpose.CLIENT);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, Purpose.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, Purpose.SERVER);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, Purpose.SERVER);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.roots().toArray(X509Certificate[]::new);
  }
}
