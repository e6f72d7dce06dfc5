package io.inmesh.conformance.sidecars;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A root and an intermediate in the files that istiod looks for in {@code ROOT_CA_DIR}. */
final class PluggedCa {
  private static final X500Name ROOT = new X500Name("CN=test root");
  private static final X500Name INTERMEDIATE = new X500Name("CN=test intermediate");

  private PluggedCa() {}

  static void write(Path directory, KeyPairGenerator generator)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    KeyPair root = generator.generateKeyPair();
    KeyPair intermediate = generator.generateKeyPair();
    String rootPem = certificate(ROOT, root.getPublic(), root);
    String intermediatePem = certificate(INTERMEDIATE, intermediate.getPublic(), root);
    Files.writeString(directory.resolve("root-cert.pem"), rootPem);
    Files.writeString(directory.resolve("ca-cert.pem"), intermediatePem);
    Files.writeString(directory.resolve("ca-key.pem"), key(intermediate.getPrivate()));
    Files.writeString(directory.resolve("cert-chain.pem"), intermediatePem + rootPem);
  }

  private static String certificate(X500Name name, PublicKey key, KeyPair signer)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            ROOT,
            BigInteger.valueOf(System.nanoTime()),
            Date.from(now.minus(Duration.ofHours(1))),
            Date.from(now.plus(Duration.ofDays(30))),
            name,
            key);
    JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
    builder
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
        .addExtension(
            Extension.keyUsage,
            true,
            new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature))
        .addExtension(
            Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key));
    X509CertificateHolder made =
        builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(signer.getPrivate()));
    return pem("CERTIFICATE", made.getEncoded());
  }

  private static String key(PrivateKey key) {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  private static String pem(String type, byte[] encoded) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
        + "\n-----END "
        + type
        + "-----\n";
  }
}
