package io.inmesh.identity;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A peer whose certificate was verified.
 *
 * @param spiffeId its name; null if the certificate has no SPIFFE ID
 * @param uriNames URI names of its certificate
 * @param dnsNames DNS names of its certificate
 * @param subject the certificate's subject as RFC 2253 writes it; often empty
 * @param certificateSha256 of the certificate's DER form, 64 lower case hexadecimal digits
 * @param trustGeneration the roots that it was verified with
 */
public record PeerIdentity(
    @Nullable SpiffeId spiffeId,
    List<String> uriNames,
    List<String> dnsNames,
    String subject,
    String certificateSha256,
    long trustGeneration) {

  public PeerIdentity {
    uriNames = List.copyOf(uriNames);
    dnsNames = List.copyOf(dnsNames);
  }

  /** URI names of a certificate. */
  public static List<String> uris(X509Certificate leaf) {
    return PeerNames.uris(leaf);
  }

  static @Nullable PeerIdentity of(SSLSession session, long trustGeneration) {
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate leaf
          ? of(leaf, trustGeneration)
          : null;
    } catch (SSLPeerUnverifiedException e) {
      return null; // none was shown, which the handshake allowed
    }
  }

  static PeerIdentity of(X509Certificate leaf, long trustGeneration) {
    SpiffeId name;
    try {
      name = SpiffeId.of(leaf);
    } catch (IllegalArgumentException e) {
      name = null;
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded());
      return new PeerIdentity(
          name,
          PeerNames.uris(leaf),
          PeerNames.dns(leaf),
          leaf.getSubjectX500Principal().getName(),
          HexFormat.of().formatHex(hash),
          trustGeneration);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a verified certificate cannot be encoded", e);
    }
  }
}
