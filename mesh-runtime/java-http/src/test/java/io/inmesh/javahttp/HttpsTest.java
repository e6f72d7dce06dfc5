package io.inmesh.javahttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.inmesh.config.TestTables;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The application's own https is carried to where the mesh says, under the application's trust. */
@Timeout(30)
class HttpsTest {
  private static final HttpRequest REQUEST =
      HttpRequest.newBuilder(URI.create("https://shop.example/x")).build();
  private final TestMesh mesh = new TestMesh();
  private @Nullable HttpsServer server;

  @AfterEach
  void close() {
    mesh.close();
    if (server != null) {
      server.stop(0);
    }
  }

  private HttpClient served(TestPki.Leaf leaf) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry("web", leaf.key(), new char[0], leaf.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    https.createContext(
        "/",
        exchange -> {
          byte[] body = ("hello " + exchange.getRequestURI()).getBytes("US-ASCII");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    https.start();
    server = https;
    mesh.use(TestTables.cluster("shop").at(https.getAddress().getPort()).build());
    mesh.use(new TestTables().tcp("shop.example:443", "shop"));
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("root", leaf.roots().get(0));
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(trust);
    SSLContext mine = SSLContext.getInstance("TLS");
    mine.init(null, trusted.getTrustManagers(), null);
    return new JavaHttpAdapter().wrap(HttpClient.newBuilder().sslContext(mine).build(), mesh);
  }

  @Test
  void itGoesToTheEndpoint() throws Exception {
    HttpClient client = served(TestPki.create("web").server("shop.example"));
    HttpResponse<String> answer = client.send(REQUEST, BodyHandlers.ofString());
    assertThat(answer.body()).isEqualTo("hello /x");
  }

  @Test
  void anotherNameIsRefused() throws Exception {
    HttpClient client = served(TestPki.create("web").server("other.example"));
    assertThatThrownBy(() -> client.send(REQUEST, BodyHandlers.ofString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("shop.example");
  }
}
