package io.inmesh.identity;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Certificates of peers, and what a CA answers: used, or refused; never an error of ours. */
class CertificatesFuzzTest {
  private static final KeyPair KEY = TestPki.keyPair("EC", 256);

  @FuzzTest(maxDuration = "10s")
  void usedOrRefused(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    try {
      CertificateAnswer.read(List.of(text, text), KEY.getPrivate(), null, Instant.EPOCH);
    } catch (IdentityRefusedException e) {
      // said why
    }
    try {
      Pem.privateKey(text, "fuzz");
    } catch (CertificateException e) {
      // said why
    }
    try {
      X509Certificate shown =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(data));
      PeerNames.of(shown);
      PeerIdentity.of(shown, 1);
    } catch (CertificateException e) {
      // no certificate
    }
  }
}
