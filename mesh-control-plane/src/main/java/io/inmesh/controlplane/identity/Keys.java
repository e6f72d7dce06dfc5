package io.inmesh.controlplane.identity;

import io.inmesh.controlplane.files.OwnerOnlyFiles;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** Keys and certificates as PEM; the JDK's providers do the cryptography. */
final class Keys {
  private Keys() {}

  static KeyPair newEcKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  /** The key pair of the file (private key, public key), or a new one that is written there. */
  static KeyPair loadOrCreate(Path file) throws IOException, GeneralSecurityException {
    if (!Files.exists(file)) {
      KeyPair pair = newEcKey();
      String text =
          pem(new PKCS8Generator(PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded()), null))
              + pem(pair.getPublic());
      OwnerOnlyFiles.write(file, text.getBytes(StandardCharsets.US_ASCII));
      return pair;
    }
    String text = new String(OwnerOnlyFiles.read(file), StandardCharsets.US_ASCII);
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      if (parser.readObject() instanceof PrivateKeyInfo privateKey
          && parser.readObject() instanceof SubjectPublicKeyInfo publicKey) {
        return new KeyPair(converter.getPublicKey(publicKey), converter.getPrivateKey(privateKey));
      }
    }
    throw new IOException(
        file + " holds no key pair; restore it, or delete the state directory to begin anew");
  }

  static X509Certificate certificate(X509CertificateHolder holder) throws GeneralSecurityException {
    return new JcaX509CertificateConverter().getCertificate(holder);
  }

  static X509Certificate readCertificate(Path file) throws IOException, GeneralSecurityException {
    try (PEMParser parser =
        new PEMParser(Files.newBufferedReader(file, StandardCharsets.US_ASCII))) {
      if (parser.readObject() instanceof X509CertificateHolder holder) {
        return certificate(holder);
      }
    }
    throw new IOException(file + " holds no certificate");
  }

  /** PKCS 8, which names the algorithm itself. */
  static String pem(PrivateKey key) throws IOException {
    return pem(new PKCS8Generator(PrivateKeyInfo.getInstance(key.getEncoded()), null));
  }

  static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}
