package io.inmesh.identity;

/** The value of {@code x-forwarded-client-cert} as a sidecar sets it. */
public final class ForwardedClientCert {
  private ForwardedClientCert() {}

  /** {@code By=<own>;Hash=<hex>;Subject="<subject>";URI=<peer>}; URI only if the peer has one. */
  public static String value(SpiffeId own, PeerIdentity peer) {
    String subject = peer.subject().replace("\\", "\\\\").replace("\"", "\\\"");
    String value =
        "By=" + own.uri() + ";Hash=" + peer.certificateSha256() + ";Subject=\"" + subject + "\"";
    return peer.spiffeId() == null ? value : value + ";URI=" + peer.spiffeId().uri();
  }
}
