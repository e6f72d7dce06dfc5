package io.inmesh.javahttp;

import io.inmesh.okhttp.OkHttpAdapter;
import io.inmesh.runtime.MeshServices;
import java.net.http.HttpClient;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/** The engine behind one client: an OkHttpClient that does what the given client would do. */
final class Engines {
  /** Versions and suites are said by the given client's SSLParameters. */
  private static final List<ConnectionSpec> SPECS =
      List.of(
          new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
              .allEnabledTlsVersions()
              .allEnabledCipherSuites()
              .build(),
          ConnectionSpec.CLEARTEXT);

  private Engines() {}

  /** Redirects, cookies and authentication are done above it, by the JDK's rules. */
  static OkHttpClient under(HttpClient given, MeshServices services) {
    OkHttpClient engine =
        new OkHttpClient.Builder()
            .followRedirects(false)
            .retryOnConnectionFailure(false)
            .fastFallback(false)
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .connectionSpecs(SPECS)
            .protocols(
                given.version() == HttpClient.Version.HTTP_2
                    ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)
                    : List.of(Protocol.HTTP_1_1))
            .sslSocketFactory(
                new JdkTls(given.sslContext().getSocketFactory(), given.sslParameters()),
                NobodysTrust.INSTANCE)
            .hostnameVerifier((host, session) -> true) // JSSE has checked it: see JdkTls
            .build();
    OkHttpClient meshed = new OkHttpAdapter().wrap(engine, services);
    return meshed.newBuilder().addInterceptor(LeftAlone.BELOW_THE_MESH).build();
  }

  /**
   * OkHttp asks for a trust manager beside the socket factory, for certificate pins alone. The
   * given SSLContext has its own, which it does not show; it does the verifying.
   */
  private enum NobodysTrust implements X509TrustManager {
    INSTANCE;

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("not asked");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("not asked");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
