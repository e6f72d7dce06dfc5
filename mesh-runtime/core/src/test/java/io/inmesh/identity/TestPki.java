package io.inmesh.identity;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A certificate authority for tests, for other modules too: a root, an intermediate, and leaves in
 * the shape of istiod's (empty subject, one critical URI name). Everything is in force from two
 * minutes ago for an hour, unless said otherwise.
 */
public final class TestPki {
  private static final Duration BACKDATED = Duration.ofMinutes(2);

  private final KeyPair rootKey = keyPair("EC", 256);
  private final KeyPair intermediateKey = keyPair("EC", 256);
  private final Instant now;
  private final X509Certificate root;
  private final X509Certificate intermediate;

  private TestPki(String name, Instant now) {
    this.now = now;
    X500Name rootName = new X500Name("CN=" + name + " root");
    X500Name intermediateName = new X500Name("CN=" + name + " intermediate");
    Date from = Date.from(now.minus(Duration.ofDays(1)));
    Date to = Date.from(now.plus(Duration.ofDays(3650)));
    this.root = authority(rootName, rootKey, rootName, rootKey.getPublic(), from, to);
    this.intermediate =
        authority(rootName, rootKey, intermediateName, intermediateKey.getPublic(), from, to);
  }

  public static TestPki create() {
    return create("test");
  }

  public static TestPki create(String name) {
    return new TestPki(name, Instant.now());
  }

  /** A key and the certificates that go with it. */
  public record Leaf(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> roots) {
    public X509Certificate certificate() {
      return chain.get(0);
    }

    /** As a server knows it that has verified it. */
    public PeerIdentity peer() {
      return PeerIdentity.of(certificate(), 1);
    }

    /** As in use; fails the test if it is not fit for that. */
    public WorkloadIdentity identity(long keyGeneration, long trustGeneration) {
      return material().inUse(keyGeneration, trustGeneration);
    }

    public IdentityMaterial material() {
      try {
        return IdentityMaterial.check(key, chain, roots, null, Instant.now());
      } catch (IdentityRefusedException e) {
        throw new AssertionError(e);
      }
    }

    /** The same, believing other roots. */
    public Leaf trusting(List<X509Certificate> others) {
      return new Leaf(key, chain, others);
    }

    public String chainPem() {
      return pem(chain);
    }

    public String keyPem() {
      return pem("PRIVATE KEY", key.getEncoded());
    }

    /** Writes {@code cert-chain.pem}, {@code key.pem} and {@code root-cert.pem}. */
    public void write(Path directory) {
      try {
        Files.writeString(directory.resolve("cert-chain.pem"), chainPem());
        Files.writeString(directory.resolve("key.pem"), keyPem());
        Files.writeString(directory.resolve("root-cert.pem"), pem(roots));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public X509Certificate root() {
    return root;
  }

  public X509Certificate intermediate() {
    return intermediate;
  }

  public String rootPem() {
    return pem(List.of(root));
  }

  /** A workload's certificate, by the intermediate, on a new P-256 key. */
  public Leaf leaf(String spiffeId) {
    return leaf(spiffeId, now.minus(BACKDATED), now.plus(Duration.ofHours(1)));
  }

  public Leaf leaf(String spiffeId, Instant notBefore, Instant notAfter) {
    return leaf(spiffeId, keyPair("EC", 256), notBefore, notAfter);
  }

  public Leaf rsaLeaf(String spiffeId) {
    return leaf(
        spiffeId, keyPair("RSA", 2048), now.minus(BACKDATED), now.plus(Duration.ofHours(1)));
  }

  private Leaf leaf(String spiffeId, KeyPair pair, Instant notBefore, Instant notAfter) {
    X509Certificate certificate = sign(pair.getPublic(), spiffeId, notBefore, notAfter);
    return new Leaf(pair.getPrivate(), List.of(certificate, intermediate), List.of(root));
  }

  /** A server's certificate for DNS names and IP addresses, as the control plane has one. */
  public Leaf server(String... hosts) {
    KeyPair pair = keyPair("EC", 256);
    List<GeneralName> names = new ArrayList<>();
    for (String host : hosts) {
      boolean ip = host.matches("[0-9.]+|.*:.*");
      names.add(new GeneralName(ip ? GeneralName.iPAddress : GeneralName.dNSName, host));
    }
    X509Certificate certificate =
        sign(
            pair.getPublic(),
            names,
            now.minus(BACKDATED),
            now.plus(Duration.ofHours(1)),
            KeyPurposeId.id_kp_serverAuth);
    return new Leaf(pair.getPrivate(), List.of(certificate, intermediate), List.of(root));
  }

  /**
   * A leaf with a subject and with names of both kinds, or without any; in force for a day.
   *
   * @param subject in RFC 2253's form; may be empty
   */
  public Leaf named(String subject, List<String> uris, List<String> dns) {
    KeyPair pair = keyPair("EC", 256);
    List<GeneralName> names = new ArrayList<>();
    uris.forEach(uri -> names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
    dns.forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    X509Certificate certificate =
        sign(
            subject,
            pair.getPublic(),
            names,
            now.minus(BACKDATED),
            now.plus(Duration.ofDays(1)),
            KeyPurposeId.id_kp_serverAuth,
            KeyPurposeId.id_kp_clientAuth);
    return new Leaf(pair.getPrivate(), List.of(certificate, intermediate), List.of(root));
  }

  /** A leaf whose extended key usage is this alone. */
  public Leaf leafFor(String spiffeId, KeyPurposeId purpose) {
    KeyPair pair = keyPair("EC", 256);
    X509Certificate certificate =
        sign(
            pair.getPublic(),
            List.of(new GeneralName(GeneralName.uniformResourceIdentifier, spiffeId)),
            now.minus(BACKDATED),
            now.plus(Duration.ofHours(1)),
            purpose);
    return new Leaf(pair.getPrivate(), List.of(certificate, intermediate), List.of(root));
  }

  /** What the CA signs for somebody else's key. */
  public X509Certificate sign(PublicKey key, String spiffeId, Instant notBefore, Instant notAfter) {
    return sign(
        key,
        List.of(new GeneralName(GeneralName.uniformResourceIdentifier, spiffeId)),
        notBefore,
        notAfter,
        KeyPurposeId.id_kp_serverAuth,
        KeyPurposeId.id_kp_clientAuth);
  }

  private X509Certificate sign(
      PublicKey key,
      List<GeneralName> names,
      Instant notBefore,
      Instant notAfter,
      KeyPurposeId... purposes) {
    return sign("", key, names, notBefore, notAfter, purposes);
  }

  private X509Certificate sign(
      String subject,
      PublicKey key,
      List<GeneralName> names,
      Instant notBefore,
      Instant notAfter,
      KeyPurposeId... purposes) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              intermediate,
              serial(),
              Date.from(notBefore),
              Date.from(notAfter),
              new javax.security.auth.x500.X500Principal(subject),
              key);
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            subject.isEmpty(),
            new GeneralNames(names.toArray(GeneralName[]::new)));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA")
                      .build(intermediateKey.getPrivate())));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate authority(
      X500Name issuer, KeyPair issuerKey, X500Name name, PublicKey key, Date from, Date to) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(issuer, serial(), from, to, name, key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate())));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static BigInteger serial() {
    return new BigInteger(128, new SecureRandom());
  }

  static KeyPair keyPair(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  public static String pem(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        text.append(pem("CERTIFICATE", certificate.getEncoded()));
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }
    return text.toString();
  }

  static String pem(String type, byte[] content) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
