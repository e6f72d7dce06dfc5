package io.inmesh.controlplane.identity;

import io.inmesh.controlplane.files.OwnerOnlyFiles;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * The mesh's root: EC P-256, key owner-only in the state directory. Leaves look as istiod's: one
 * critical URI SAN, client and server use, valid from two minutes ago. Thread-safe.
 */
public final class CertificateAuthority {
  private static final Duration DEFAULT_LIFETIME = Duration.ofHours(24);
  private static final Duration MAX_LIFETIME = Duration.ofDays(90);
  private static final Duration ROOT_LIFETIME = Duration.ofDays(3650);
  private static final Duration BACKDATE = Duration.ofMinutes(2);

  private final SecureRandom random = new SecureRandom();
  private final Clock clock;
  private final KeyPair key;
  private final X509Certificate root;
  private final Path rootFile;
  private final String trustDomain;

  private CertificateAuthority(
      Clock clock, KeyPair key, X509Certificate root, Path rootFile, String trustDomain) {
    this.clock = clock;
    this.key = key;
    this.root = root;
    this.rootFile = rootFile;
    this.trustDomain = trustDomain;
  }

  /**
   * Opens the authority of a state directory, or makes a new one there.
   *
   * @throws IOException when the files cannot be used: unreadable, readable by others, or a root
   *     that does not belong to the key
   */
  public static CertificateAuthority open(Path state, String trustDomain, Clock clock)
      throws IOException, GeneralSecurityException {
    KeyPair key = Keys.loadOrCreate(state.resolve("root-key.pem"));
    Path rootFile = state.resolve("root-cert.pem");
    if (!Files.exists(rootFile)) {
      X509Certificate made = selfSign(key, trustDomain, clock.instant());
      OwnerOnlyFiles.write(rootFile, Keys.pem(made).getBytes(StandardCharsets.US_ASCII));
    }
    X509Certificate root = Keys.readCertificate(rootFile);
    if (!root.getPublicKey().equals(key.getPublic())) {
      throw new IOException(
          rootFile
              + " does not belong to root-key.pem beside it; restore one of them, or delete both");
    }
    return new CertificateAuthority(clock, key, root, rootFile, trustDomain);
  }

  private static X509Certificate selfSign(KeyPair key, String trustDomain, Instant now)
      throws GeneralSecurityException, IOException {
    X500Name name = new X500Name("O=" + trustDomain + ",CN=Inmesh embedded control plane");
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(127, new SecureRandom()),
            Date.from(now.minus(BACKDATE)),
            Date.from(now.plus(ROOT_LIFETIME)),
            name,
            key.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key.getPublic()));
    return sign(builder, key);
  }

  /** A refusal that may be told to the caller. */
  public static final class BadRequest extends Exception {
    private static final long serialVersionUID = 1L;

    BadRequest(String message) {
      super(message);
    }
  }

  /**
   * Signs the key of a CSR for a proven identity; everything else in the CSR is ignored, as istiod
   * does.
   *
   * @param seconds wanted lifetime; 0 or less means 24 hours; at most 90 days
   * @return the leaf, then the root, as PEM
   */
  public List<String> sign(String csrPem, long seconds, SpiffeId identity)
      throws BadRequest, GeneralSecurityException, IOException {
    Duration lifetime =
        seconds <= 0 ? DEFAULT_LIFETIME : Duration.ofSeconds(Math.min(seconds, Integer.MAX_VALUE));
    if (lifetime.compareTo(MAX_LIFETIME) > 0) {
      throw new BadRequest(
          "CSR signing error (requested TTL "
              + seconds
              + "s is greater than the max allowed TTL "
              + MAX_LIFETIME.toHours()
              + "h0m0s)");
    }
    GeneralNames names =
        new GeneralNames(
            new GeneralName(GeneralName.uniformResourceIdentifier, identity.toString()));
    X509Certificate leaf =
        leaf(
            publicKey(csrPem),
            names,
            lifetime,
            new X500Name(new org.bouncycastle.asn1.x500.RDN[0]));
    return List.of(Keys.pem(leaf), Keys.pem(root));
  }

  /** A leaf with a key made here, and the root; PEM. */
  record WithKey(String chain, String key) {}

  WithKey issue(SpiffeId identity, Duration lifetime) throws GeneralSecurityException, IOException {
    KeyPair made = Keys.newEcKey();
    GeneralNames names =
        new GeneralNames(
            new GeneralName(GeneralName.uniformResourceIdentifier, identity.toString()));
    X509Certificate leaf =
        leaf(
            made.getPublic(), names, lifetime, new X500Name(new org.bouncycastle.asn1.x500.RDN[0]));
    return new WithKey(Keys.pem(leaf) + rootPem(), Keys.pem(made.getPrivate()));
  }

  String rootPem() {
    try {
      return Keys.pem(root);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }

  private static PublicKey publicKey(String csrPem) throws BadRequest {
    try (PEMParser parser = new PEMParser(new StringReader(csrPem))) {
      if (parser.readObject() instanceof PKCS10CertificationRequest request) {
        PublicKey key = new JcaPKCS10CertificationRequest(request).getPublicKey();
        if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
          throw new BadRequest(
              "CSR signing error (the certificate signing request is not signed by its own key)");
        }
        return key;
      }
    } catch (IOException
        | GeneralSecurityException
        | OperatorCreationException
        | PKCSException
        | RuntimeException e) {
      // the parser throws all kinds on hostile input; the caller is told below
    }
    throw new BadRequest("CSR signing error (certificate signing request is not properly encoded)");
  }

  /**
   * A certificate for the control plane's own port, with its key; lasts a year, made anew at every
   * start.
   */
  public ServerIdentity serverIdentity(String host) throws GeneralSecurityException, IOException {
    KeyPair serverKey = Keys.newEcKey();
    GeneralNames names =
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "istiod.istio-system.svc"),
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
              new GeneralName(GeneralName.iPAddress, "::1"),
              host.matches("[0-9.]+") || host.contains(":")
                  ? new GeneralName(GeneralName.iPAddress, host)
                  : new GeneralName(GeneralName.dNSName, host)
            });
    X509Certificate leaf =
        leaf(
            serverKey.getPublic(),
            names,
            Duration.ofDays(365),
            new X500Name("CN=istiod.istio-system.svc"));
    return new ServerIdentity(serverKey, List.of(leaf, root), root);
  }

  /** What the control plane's port presents and trusts. */
  public record ServerIdentity(KeyPair key, List<X509Certificate> chain, X509Certificate root) {}

  private X509Certificate leaf(
      PublicKey publicKey, GeneralNames names, Duration lifetime, X500Name subject)
      throws GeneralSecurityException, IOException {
    Instant now = clock.instant();
    Instant end = now.plus(lifetime);
    Instant rootEnd = root.getNotAfter().toInstant();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            X500Name.getInstance(root.getSubjectX500Principal().getEncoded()),
            new BigInteger(127, random),
            Date.from(now.minus(BACKDATE)),
            Date.from(end.isBefore(rootEnd) ? end : rootEnd),
            subject,
            publicKey);
    builder.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
    builder.addExtension(
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(
            new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(root));
    builder.addExtension(Extension.subjectAlternativeName, true, names);
    return sign(builder, key);
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, KeyPair key)
      throws GeneralSecurityException {
    try {
      return Keys.certificate(
          builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  /** The root certificate's file, PEM. */
  public Path rootFile() {
    return rootFile;
  }

  public X509Certificate root() {
    return root;
  }

  public String trustDomain() {
    return trustDomain;
  }
}
