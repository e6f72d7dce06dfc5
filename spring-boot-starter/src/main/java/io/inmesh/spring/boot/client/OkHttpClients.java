package io.inmesh.spring.boot.client;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpCookieHandling;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslOptions;

/** {@link HttpClientSettings} in OkHttp's words. */
final class OkHttpClients {
  private OkHttpClients() {}

  /**
   * Where nothing is set, a read may take as long as the mesh's time-outs allow, as with the other
   * engines of Spring Boot.
   */
  static OkHttpClient of(HttpClientSettings settings) {
    OkHttpClient.Builder client =
        new OkHttpClient.Builder()
            .dispatcher(new Dispatcher())
            .readTimeout(orNone(settings.readTimeout()))
            .writeTimeout(Duration.ZERO);
    Duration connect = settings.connectTimeout();
    if (connect != null) {
      client.connectTimeout(connect);
    }
    boolean follow = settings.redirects() != HttpRedirects.DONT_FOLLOW;
    client.followRedirects(follow).followSslRedirects(follow);
    if (settings.cookieHandling() == HttpCookieHandling.ENABLE) {
      client.cookieJar(new MemoryCookies());
    }
    SslBundle bundle = settings.sslBundle();
    if (bundle != null) {
      secure(client, bundle);
    }
    return client.build();
  }

  private static Duration orNone(@org.jspecify.annotations.Nullable Duration timeout) {
    return timeout == null ? Duration.ZERO : timeout;
  }

  /** For calls with https, which are the application's own TLS also in the mesh. */
  private static void secure(OkHttpClient.Builder client, SslBundle bundle) {
    client.sslSocketFactory(bundle.createSslContext().getSocketFactory(), trustManager(bundle));
    SslOptions options = bundle.getOptions();
    if (options.isSpecified()) {
      ConnectionSpec.Builder spec = new ConnectionSpec.Builder(ConnectionSpec.COMPATIBLE_TLS);
      if (options.getEnabledProtocols() != null) {
        spec.tlsVersions(options.getEnabledProtocols());
      }
      if (options.getCiphers() != null) {
        spec.cipherSuites(options.getCiphers());
      }
      client.connectionSpecs(List.of(spec.build(), ConnectionSpec.CLEARTEXT));
    }
  }

  private static X509TrustManager trustManager(SslBundle bundle) {
    TrustManager[] managers = bundle.getManagers().getTrustManagers();
    return Arrays.stream(managers)
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("no X509TrustManager in the SSL bundle " + bundle));
  }
}
