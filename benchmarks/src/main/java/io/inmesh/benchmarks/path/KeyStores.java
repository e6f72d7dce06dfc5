package io.inmesh.benchmarks.path;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** The certificate of raw TLS: P-256, as the mesh's are, self-signed. */
final class KeyStores {
  static final String PASSWORD = "of-no-importance";

  private KeyStores() {}

  static Path file(Path work) {
    return work.resolve("raw-tls.p12");
  }

  static void make(Path work) throws IOException, InterruptedException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "bench",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file(work).toString())
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("keytool.log").toFile())
            .start();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool failed, see " + work.resolve("keytool.log"));
    }
  }

  /** Has the client trust it. */
  static void trust(OkHttpClient.Builder client, Path work)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(file(work).toFile(), PASSWORD.toCharArray());
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    roots.setCertificateEntry("bench", store.getCertificate("bench"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    X509TrustManager manager = (X509TrustManager) trust.getTrustManagers()[0];
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, trust.getTrustManagers(), null);
    client.sslSocketFactory(context.getSocketFactory(), manager);
  }
}
