package io.inmesh.identity;

import java.io.IOException;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A new key and the PKCS#10 request for it. The request names nobody: Istio's CA takes the name
 * from who is calling.
 */
final class SigningRequest {
  private final PrivateKey key;
  private final String pem;

  private SigningRequest(PrivateKey key, String pem) {
    this.key = key;
    this.pem = pem;
  }

  static SigningRequest create(KeyType type) throws GeneralSecurityException {
    KeyPair pair = type.generate();
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      PKCS10CertificationRequest request =
          new JcaPKCS10CertificationRequestBuilder(new X500Name(""), pair.getPublic())
              .build(new JcaContentSignerBuilder(type.signature()).build(pair.getPrivate()));
      writer.writeObject(new PemObject("CERTIFICATE REQUEST", request.getEncoded()));
    } catch (OperatorCreationException | IOException e) {
      throw new GeneralSecurityException("a signing request cannot be made", e);
    }
    return new SigningRequest(pair.getPrivate(), text.toString());
  }

  PrivateKey key() {
    return key;
  }

  String pem() {
    return pem;
  }
}
