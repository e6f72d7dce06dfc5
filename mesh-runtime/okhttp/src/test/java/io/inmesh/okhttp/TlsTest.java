package io.inmesh.okhttp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.config.TestTables;
import io.inmesh.identity.IdentityMaterial;
import io.inmesh.identity.TestPki;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mutual TLS on real sockets, both protocols, and the application's own TLS on top. */
class TlsTest extends OkHttpFixture {
  private static final TestPki PKI = TestPki.create();
  private static final String US = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final String THEM = "spiffe://cluster.local/ns/shop/sa/reviews";

  @BeforeEach
  void identity() throws Exception {
    mesh.use(material(US));
  }

  private static IdentityMaterial material(String name) {
    return PKI.leaf(name).material();
  }

  private static SSLContext context(TestPki.Leaf leaf) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry("k", leaf.key(), new char[0], leaf.chain().toArray(Certificate[]::new));
    KeyManagerFactory key = KeyManagerFactory.getInstance("PKIX");
    key.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(key.getKeyManagers(), new X509TrustManager[] {trust(leaf)}, null);
    return context;
  }

  private static X509TrustManager trust(TestPki.Leaf leaf) throws Exception {
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    roots.setCertificateEntry("r", leaf.roots().get(0));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(roots);
    return (X509TrustManager) trust.getTrustManagers()[0];
  }

  private MockWebServer tls(TestPki.Leaf leaf, List<Protocol> protocols, MockResponse... answers)
      throws Exception {
    MockWebServer server = new MockWebServer();
    server.useHttps(context(leaf).getSocketFactory());
    server.requireClientAuth();
    server.setProtocols(protocols);
    for (MockResponse answer : answers) {
      server.enqueue(answer);
    }
    server.start(InetAddress.getLoopbackAddress(), 0);
    servers.add(server);
    return server;
  }

  private void cluster(MockWebServer server, boolean http2, String peer) {
    TestTables.ClusterBuilder cluster =
        TestTables.cluster(REVIEWS)
            .at(server.getPort())
            .socket(TestTables.mutualTls("outbound.80.reviews", peer));
    mesh.use((http2 ? cluster.http2() : cluster).build());
    mesh.use(new TestTables().routes("reviews:80", toReviews().route()));
  }

  private static final List<Protocol> H1 = List.of(Protocol.HTTP_1_1);
  private static final List<Protocol> H2 = List.of(Protocol.HTTP_2, Protocol.HTTP_1_1);

  @Test
  void http11OverMutualTls() throws Exception {
    MockWebServer server = tls(PKI.leaf(THEM), H1, text("hello"), text("again"));
    cluster(server, false, THEM);
    try (Response response = get()) {
      assertThat(response.protocol()).isEqualTo(Protocol.HTTP_1_1);
      assertThat(response.handshake()).as("behind mTLS the caller sees http").isNull();
      assertThat(response.body().string()).isEqualTo("hello");
    }
    assertThat(text(get())).isEqualTo("again");
    RecordedRequest taken = taken(server);
    assertThat(taken.getHandshakeServerNames()).containsExactly("outbound.80.reviews");
    X509Certificate shown = (X509Certificate) taken.getHandshake().peerCertificates().get(0);
    assertThat(shown.getSubjectAlternativeNames().toString()).contains(US);
    assertThat(taken.getHeaders().get("host")).isEqualTo("reviews");
    assertThat(taken(server).getExchangeIndex()).isEqualTo(1);
  }

  @Test
  void http2OverMutualTls() throws Exception {
    MockWebServer server = tls(PKI.leaf(THEM), H2, text("hello"), text("again"));
    cluster(server, true, THEM);
    try (Response response = get()) {
      assertThat(response.protocol()).isEqualTo(Protocol.HTTP_2);
      assertThat(response.body().string()).isEqualTo("hello");
    }
    RecordedRequest taken = taken(server);
    assertThat(taken.getHeaders().get(":authority")).isEqualTo("reviews");
    assertThat(taken.getHeaders().get("host")).isNull();
    assertThat(text(get())).isEqualTo("again");
    assertThat(taken(server).getConnectionIndex()).isEqualTo(taken.getConnectionIndex());
  }

  @Test
  void http2WithoutTls() throws Exception {
    MockWebServer server = new MockWebServer();
    server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
    server.enqueue(text("h2c"));
    server.start();
    servers.add(server);
    mesh.use(TestTables.cluster(REVIEWS).at(server.getPort()).http2().build());
    mesh.use(new TestTables().routes("reviews:80", toReviews().route()));
    assertThat(text(get())).isEqualTo("h2c");
    assertThat(taken(server).getHeaders().get(":authority")).isEqualTo("reviews");
  }

  @Test
  void anotherPeerThanExpectedIsRefused() throws Exception {
    MockWebServer server = tls(PKI.leaf(THEM), H1, text("secret"));
    cluster(server, false, "spiffe://cluster.local/ns/shop/sa/somebody-else");
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(mesh.lastOutcome().flags()).hasToString("UF");
    assertThat(mesh.lastOutcome().failure()).contains(THEM);
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void aPeerOfAForeignAuthorityIsRefused() throws Exception {
    TestPki foreign = TestPki.create("foreign");
    MockWebServer server = tls(foreign.leaf(THEM), H1, text("secret"));
    cluster(server, false, THEM);
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(mesh.lastOutcome().flags()).hasToString("UF");
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void aRenewedKeyServesNewConnectionsAndTheOldOnesGo() throws Exception {
    MockWebServer server = tls(PKI.leaf(THEM), H1, text("1"), text("2"), text("3"));
    cluster(server, false, THEM);
    text(get());
    text(get());
    mesh.use(material(US));
    assertThat(text(get())).isEqualTo("3");
    int first = taken(server).getConnectionIndex();
    assertThat(taken(server).getConnectionIndex()).isEqualTo(first);
    assertThat(taken(server).getConnectionIndex()).isNotEqualTo(first);
  }

  // ---- the application's own TLS

  private OkHttpClient trusting(TestPki.Leaf leaf) throws Exception {
    SSLSocketFactory sockets = context(leaf).getSocketFactory();
    return new OkHttpClient.Builder().sslSocketFactory(sockets, trust(leaf)).build();
  }

  @Test
  void httpsOfTheApplicationGoesToTheEndpointUnderItsOwnTrust() throws Exception {
    TestPki web = TestPki.create("web");
    TestPki.Leaf shop = web.server("shop.example");
    MockWebServer server = new MockWebServer();
    server.useHttps(context(shop).getSocketFactory());
    server.enqueue(text("hello"));
    server.start(InetAddress.getLoopbackAddress(), 0);
    servers.add(server);
    mesh.use(TestTables.cluster("shop").at(server.getPort()).build());
    mesh.use(new TestTables().tcp("shop.example:443", "shop"));
    client = wrap(trusting(shop));
    try (Response response = call(get("https://shop.example/x").build())) {
      assertThat(response.body().string()).isEqualTo("hello");
      assertThat(response.handshake()).isNotNull();
    }
    RecordedRequest taken = taken(server);
    assertThat(taken.getHandshakeServerNames()).containsExactly("shop.example");
    assertThat(taken.getTarget()).isEqualTo("/x");
  }

  @Test
  void httpsOfTheApplicationForAnotherNameIsRefusedByItsOwnVerifier() throws Exception {
    TestPki web = TestPki.create("web");
    TestPki.Leaf other = web.server("other.example");
    MockWebServer server = new MockWebServer();
    server.useHttps(context(other).getSocketFactory());
    server.enqueue(text("secret"));
    server.start(InetAddress.getLoopbackAddress(), 0);
    servers.add(server);
    mesh.use(TestTables.cluster("shop").at(server.getPort()).build());
    mesh.use(new TestTables().tcp("shop.example:443", "shop"));
    client = wrap(trusting(other));
    assertThatThrownBy(() -> call(get("https://shop.example/x").build()))
        .isInstanceOf(IOException.class);
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void httpsOfTheApplicationTravelsInsideTheMeshsMutualTls() throws Exception {
    TestPki.Leaf shop = TestPki.create("web").server("shop.example");
    SSLSocketFactory outer = context(PKI.leaf(THEM)).getSocketFactory();
    SSLSocketFactory inner = context(shop).getSocketFactory();
    CompletableFuture<String> seen = new CompletableFuture<>();
    try (ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread serving =
          new Thread(
              () -> {
                try (SSLSocket mesh = server(outer, listening.accept(), true);
                    SSLSocket web = server(inner, mesh, false)) {
                  BufferedReader lines =
                      new BufferedReader(new InputStreamReader(web.getInputStream(), US_ASCII));
                  String start = lines.readLine();
                  while (!lines.readLine().isEmpty()) {}
                  web.getOutputStream()
                      .write(
                          "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\ndeep!".getBytes(US_ASCII));
                  X509Certificate peer =
                      (X509Certificate) mesh.getSession().getPeerCertificates()[0];
                  seen.complete(start + " " + peer.getSubjectAlternativeNames());
                } catch (Exception e) {
                  seen.completeExceptionally(e);
                }
              });
      serving.setDaemon(true);
      serving.start();
      mesh.use(
          TestTables.cluster("shop")
              .at(listening.getLocalPort())
              .socket(TestTables.mutualTls("outbound.443.shop", THEM))
              .build());
      mesh.use(new TestTables().tcp("shop.example:443", "shop"));
      client = wrap(trusting(shop));
      assertThat(text(call(get("https://shop.example/x").build()))).isEqualTo("deep!");
    }
    assertThat(seen.get(5, TimeUnit.SECONDS)).startsWith("GET /x HTTP/1.1").contains(US);
  }

  private static SSLSocket server(SSLSocketFactory factory, Socket over, boolean mutual)
      throws IOException {
    SSLSocket socket = (SSLSocket) factory.createSocket(over, "client", 1, true);
    socket.setUseClientMode(false);
    socket.setNeedClientAuth(mutual);
    socket.startHandshake();
    return socket;
  }
}
