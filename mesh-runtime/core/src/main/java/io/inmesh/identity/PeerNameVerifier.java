package io.inmesh.identity;

import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The name check once more, where HTTP libraries look for it. */
record PeerNameVerifier(SanMatcher wanted) implements HostnameVerifier {
  @Override
  public boolean verify(String host, SSLSession session) {
    try {
      PeerNames.check(session, wanted, host);
      return true;
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }
}
