package io.inmesh.benchmarks.performance;

import io.inmesh.controlplane.identity.CertificateAuthority;
import io.inmesh.controlplane.identity.SpiffeId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certificates of the mesh's own authority for those that know no mesh, as JSSE takes them. */
final class KeyStores {
  static final String PASSWORD = "of-no-importance";
  private static final long DAY = Duration.ofDays(1).toSeconds();

  private KeyStores() {}

  static Path key(Path work, String account) {
    return work.resolve("raw-" + account + ".p12");
  }

  static Path roots(Path work) {
    return work.resolve("raw-roots.p12");
  }

  /**
   * @param state of the control plane
   */
  static void make(Path work, Path state, String namespace)
      throws IOException, GeneralSecurityException {
    for (String account : List.of("client", "server")) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      KeyStore store = empty();
      store.setKeyEntry(
          "mesh",
          pair.getPrivate(),
          PASSWORD.toCharArray(),
          chain(state, request(pair), new SpiffeId("cluster.local", namespace, account)));
      save(store, key(work, account));
    }
    KeyStore roots = empty();
    roots.setCertificateEntry(
        "root", certificate(Files.readString(state.resolve("root-cert.pem"))));
    save(roots, roots(work));
  }

  private static Certificate[] chain(Path state, String request, SpiffeId id)
      throws IOException, GeneralSecurityException {
    List<String> pems;
    try {
      pems =
          CertificateAuthority.open(state, "cluster.local", Clock.systemUTC())
              .sign(request, DAY, id);
    } catch (CertificateAuthority.BadRequest e) {
      throw new GeneralSecurityException(e);
    }
    Certificate[] chain = new Certificate[pems.size()];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = certificate(pems.get(i));
    }
    return chain;
  }

  private static String request(KeyPair pair) throws IOException, GeneralSecurityException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(
          new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), pair.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
    return text.toString();
  }

  private static Certificate certificate(String pem) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static void save(KeyStore store, Path to) throws IOException, GeneralSecurityException {
    try (OutputStream out = Files.newOutputStream(to)) {
      store.store(out, PASSWORD.toCharArray());
    }
  }

  /** Has the client show its certificate and verify the server's, by chain, not by name. */
  static void mutual(OkHttpClient.Builder client, Path work)
      throws IOException, GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(
        KeyStore.getInstance(key(work, "client").toFile(), PASSWORD.toCharArray()),
        PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(KeyStore.getInstance(roots(work).toFile(), PASSWORD.toCharArray()));
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    client
        .sslSocketFactory(
            context.getSocketFactory(), (X509TrustManager) trust.getTrustManagers()[0])
        .hostnameVerifier((host, session) -> true); // its name is a SPIFFE id
  }
}
