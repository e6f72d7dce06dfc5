package io.inmesh.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** Reads PEM text. Its errors name the place that is given, and never quote what was read. */
public final class Pem {
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  private Pem() {}

  /**
   * All certificates of a bundle, in order; text between them is ignored.
   *
   * @param where for the error message, such as a path
   * @throws CertificateException if there is none or one is malformed
   */
  public static List<X509Certificate> certificates(String pem, String where)
      throws CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> found = new ArrayList<>();
    int at = 0;
    while (true) {
      int begin = pem.indexOf(BEGIN, at);
      if (begin < 0) {
        break;
      }
      int end = pem.indexOf(END, begin);
      if (end < 0) {
        throw new CertificateException(
            where + ": certificate " + (found.size() + 1) + " has no end line");
      }
      at = end + END.length();
      byte[] one = pem.substring(begin, at).getBytes(StandardCharsets.ISO_8859_1);
      try {
        found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(one)));
      } catch (CertificateException e) {
        throw new CertificateException(
            where + ": certificate " + (found.size() + 1) + " is malformed", e);
      }
    }
    if (found.isEmpty()) {
      throw new CertificateException(where + ": no PEM certificate in it");
    }
    return List.copyOf(found);
  }

  /**
   * A private key in PKCS#8, SEC1 (EC) or PKCS#1 (RSA), not encrypted.
   *
   * @throws CertificateException if there is none that can be read
   */
  public static PrivateKey privateKey(String pem, String where) throws CertificateException {
    JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
        if (item instanceof PrivateKeyInfo info) {
          return converter.getPrivateKey(info);
        }
        if (item instanceof PEMKeyPair pair) {
          return converter.getKeyPair(pair).getPrivate();
        }
      }
    } catch (PEMException e) {
      throw new CertificateException(where + ": private key is malformed or of an unknown kind");
    } catch (IOException | RuntimeException e) {
      // the cause is left out: parsers quote their input
      throw new CertificateException(where + ": private key is malformed");
    }
    throw new CertificateException(where + ": no unencrypted private key in it");
  }
}
