package io.inmesh.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import io.inmesh.MeshException;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.OutboundTlsSpec;
import io.inmesh.identity.SanMatcher;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.Engines;
import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a meshed HttpServer of the JDK's does beside the contract, and what it refuses. */
@Timeout(60)
class HttpServerTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final String SNI = "outbound_.8080_._.reviews.shop.svc.cluster.local";
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final TestPki pki = TestPki.create();
  private final TestMesh mesh = new TestMesh();
  private MeshHttpServer server;

  @BeforeEach
  void start() throws IOException {
    mesh.use(pki.leaf("spiffe://cluster.local/ns/shop/sa/reviews").material());
    use(MtlsMode.PERMISSIVE);
    HttpServer plain = HttpServer.create(ANY_PORT, 0);
    plain.setExecutor(threads);
    server = (MeshHttpServer) wrap(plain);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    mesh.close();
    threads.shutdownNow();
  }

  private HttpServer wrap(HttpServer plain) {
    return new HttpServerAdapter().wrap(plain, mesh);
  }

  private void use(MtlsMode mode) {
    HttpManager manager =
        new HttpManager(
            "virtualInbound/0.0.0.0_18080",
            true,
            TestTables.table("inbound", TestTables.to("inbound|18080||").route()),
            List.of(),
            HttpOptions.sidecar(true));
    mesh.use(new TestTables().inbound(mode.table(manager)));
  }

  private static HttpHandler text(String text) {
    return exchange -> {
      exchange.sendResponseHeaders(200, text.length());
      exchange.getResponseBody().write(text.getBytes(StandardCharsets.US_ASCII));
      exchange.close();
    };
  }

  private Socket plain() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private SSLSocket tls(SSLSocketFactory factory) throws IOException {
    SSLSocket socket =
        (SSLSocket) factory.createSocket(plain(), "127.0.0.1", server.getAddress().getPort(), true);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static SSLSocketFactory factory(TestPki.Leaf leaf, List<String> alpn) throws Exception {
    IdentityStore store = new IdentityStore();
    store.update(leaf.material());
    return new OutboundTls(store, Clock.systemUTC())
        .context(OutboundTlsSpec.mesh(SNI, alpn, SanMatcher.any()))
        .socketFactory();
  }

  /** The whole answer; the connection ends with it. */
  private static String ask(Socket socket, String target, String... headers) throws IOException {
    StringBuilder text = new StringBuilder("GET " + target + " HTTP/1.1\r\nhost: reviews\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    text.append("connection: close\r\n\r\n");
    socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private String ask(String target, String... headers) throws IOException {
    try (Socket socket = plain()) {
      return ask(socket, target, headers);
    }
  }

  // ---- connections

  @Test
  void hundredsOfConnectionsOfEveryKindLeaveNoEngineBehind() throws Exception {
    server.createContext("/", text("hello"));
    SSLSocketFactory good = factory(pki.leaf(STOREFRONT), OutboundTlsSpec.ISTIO_HTTP_1_1);
    TestPki foreign = TestPki.create("foreign");
    SSLSocketFactory stranger =
        factory(
            foreign.leaf(STOREFRONT).trusting(List.of(foreign.root(), pki.root())),
            OutboundTlsSpec.ISTIO_HTTP_1_1);
    int served = 0;
    for (int i = 0; i < 300; i++) {
      switch (i % 6) {
        case 0, 1, 2 -> {
          try (SSLSocket socket = tls(good)) {
            served += ask(socket, "/").endsWith("hello") ? 1 : 0;
          }
        }
        case 3 -> served += ask("/").endsWith("hello") ? 1 : 0;
        case 4 -> {
          try (SSLSocket socket = tls(stranger)) {
            assertThatThrownBy(() -> assertThat(ask(socket, "/")).isNotEmpty())
                .isInstanceOfAny(IOException.class, AssertionError.class);
          }
        }
        default -> {
          try (Socket socket = plain()) {
            socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1});
          }
        }
      }
    }
    assertThat(served).isEqualTo(200);
    Engines engines = server.connections().engines();
    assertThat(engines.made()).isGreaterThanOrEqualTo(200);
    // a connection that breaks within its handshake leaves its engine to the collector
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(engines.released()).isEqualTo(engines.made());
            });
  }

  @Test
  void underStrictAPlaintextRequestIsClosedWithoutAByte() throws Exception {
    server.createContext("/", text("hello"));
    use(MtlsMode.STRICT);
    String answer;
    try {
      answer = ask("/");
    } catch (IOException reset) {
      answer = "";
    }
    assertThat(answer).isEmpty();
    try (SSLSocket socket = tls(factory(pki.leaf(STOREFRONT), OutboundTlsSpec.ISTIO_HTTP_1_1))) {
      assertThat(ask(socket, "/")).endsWith("hello");
    }
  }

  @Test
  void aCallerThatSpeaksHttp2AloneIsClosed() throws Exception {
    server.createContext("/", text("hello"));
    try (SSLSocket socket = tls(factory(pki.leaf(STOREFRONT), OutboundTlsSpec.ISTIO_H2))) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
    List<String> either = List.of("istio-h2", "istio-http/1.1", "istio", "h2", "http/1.1");
    try (SSLSocket socket = tls(factory(pki.leaf(STOREFRONT), either))) {
      assertThat(ask(socket, "/")).endsWith("hello");
      assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
    }
  }

  // ---- contexts

  @Test
  void theLongestContextServesThePathThatPolicyHasJudged() throws Exception {
    server.createContext("/", text("root"));
    server.createContext("/shop", text("shop"));
    server.createContext("/shop/admin", text("admin"));
    HttpContext gone = server.createContext("/gone", text("gone"));
    server.removeContext(gone);
    assertThat(ask("/other")).endsWith("root");
    assertThat(ask("/shop/1")).endsWith("shop");
    assertThat(ask("/shop/x/../%61dmin")).endsWith("admin");
    assertThat(ask("/shop%2fadmin")).as("one segment for policy, one here").endsWith("shop");
    assertThat(ask("http://reviews/shop/admin")).endsWith("admin");
    assertThat(ask("/gone")).endsWith("root");
    assertThat(ask("//shop/admin")).startsWith("HTTP/1.1 400").contains("begins with //");
    assertThatThrownBy(() -> server.createContext("/shop"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> server.removeContext("/nothing"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void withoutAContextItIsNotFound() throws Exception {
    server.createContext("/shop", text("shop"));
    assertThat(ask("/other"))
        .startsWith("HTTP/1.1 404")
        .containsIgnoringCase("server: istio-envoy");
  }

  @Test
  void filtersAndAuthenticatorsOfTheApplicationRunAfterTheMesh() throws Exception {
    HttpContext context =
        server.createContext(
            "/",
            exchange ->
                text(exchange.getPrincipal().getUsername()
                        + " "
                        + exchange.getAttribute("seen")
                        + " "
                        + exchange.getHttpContext().getPath())
                    .handle(exchange));
    context.getFilters().add(new NotesTheId());
    context.setAuthenticator(
        new BasicAuthenticator("shop") {
          @Override
          public boolean checkCredentials(String name, String password) {
            return password.equals("open");
          }
        });
    assertThat(ask("/")).startsWith("HTTP/1.1 401").containsIgnoringCase("www-authenticate: Basic");
    assertThat(ask("/", "authorization: Basic amFzb246b3Blbg==")).endsWith("jason true /");
    assertThat(ask("/", "authorization: Basic amFzb246c2h1dA==")).startsWith("HTTP/1.1 401");
  }

  private static final class NotesTheId extends Filter {
    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
      exchange.setAttribute("seen", exchange.getRequestHeaders().containsKey("x-request-id"));
      chain.doFilter(exchange);
    }

    @Override
    public String description() {
      return "notes whether the request has an id";
    }
  }

  // ---- responses that do not come to their end

  @Test
  void aHandlerThatGivesUpIsAnsweredForAsASidecarWould() throws Exception {
    server.createContext("/", HttpExchange::close);
    assertThat(ask("/"))
        .startsWith("HTTP/1.1 503")
        .endsWith(
            "upstream connect error or disconnect/reset before headers. reset reason:"
                + " connection termination");
    await().untilAsserted(() -> assertThat(mesh.lastOutcome().flags()).hasToString("UC"));
  }

  @Test
  void aResponseThatBreaksOffDoesNotLookWhole() throws Exception {
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("half".getBytes(StandardCharsets.US_ASCII));
          exchange.getResponseBody().flush();
          throw new IllegalStateException("the application's own defect");
        });
    String answer;
    try {
      answer = ask("/");
    } catch (IOException reset) {
      answer = "";
    }
    assertThat(answer).doesNotEndWith("0\r\n\r\n");
    await().untilAsserted(() -> assertThat(mesh.lastOutcome().flags()).hasToString("UC"));
  }

  @Test
  void closingTheMeshLetsRunningRequestsEndAndTakesNoMore() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    server.createContext(
        "/",
        exchange -> {
          begun.countDown();
          try {
            release.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          text("in time").handle(exchange);
        });
    Future<String> running = threads.submit(() -> ask("/"));
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    Future<?> closing = threads.submit(mesh::close);
    await().until(mesh::draining);
    String late;
    try {
      late = ask("/");
    } catch (IOException reset) {
      late = "";
    }
    assertThat(late).isEmpty();
    assertThat(closing.isDone()).isFalse();
    release.countDown();
    assertThat(running.get()).contains("in time").containsIgnoringCase("connection: close");
    closing.get(20, TimeUnit.SECONDS);
  }

  // ---- what is wrapped

  @Test
  void theAdapterIsFoundAndWrapsOnce() {
    assertThat(ServiceLoader.load(MeshAdapter.class))
        .hasAtLeastOneElementOfType(HttpServerAdapter.class);
    assertThat(wrap(server)).isSameAs(server);
  }

  @Test
  void aServerMayBeBoundLater() throws Exception {
    HttpServer later = wrap(HttpServer.create());
    assertThat(later.getAddress()).isNull();
    later.bind(ANY_PORT, 0);
    assertThat(later.getAddress().getPort()).isPositive();
    later.stop(0);
  }

  @Test
  void theAddressIsTakenOver() throws Exception {
    HttpServer plain = HttpServer.create(ANY_PORT, 0);
    InetSocketAddress address = plain.getAddress();
    HttpServer meshed = wrap(plain);
    assertThat(meshed.getAddress()).isEqualTo(address);
    meshed.stop(0);
  }

  @Test
  void whatCannotBeMeshedIsRefusedWithTheReason() throws Exception {
    HttpServer https = HttpsServer.create(ANY_PORT, 0);
    assertThatThrownBy(() -> wrap(https))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("the mesh brings the TLS");
    HttpServer started = HttpServer.create(ANY_PORT, 0);
    started.start();
    assertThatThrownBy(() -> wrap(started))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("has been started: wrap it before");
    started.stop(0);
    HttpServer used = HttpServer.create(ANY_PORT, 0);
    used.createContext("/", text("lost"));
    assertThatThrownBy(() -> wrap(used))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("wrap it first");
    assertThatThrownBy(() -> wrap(new SomebodyElses()))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("is not the JDK's HttpServer");
  }

  private static final class SomebodyElses extends HttpServer {
    @Override
    public void bind(InetSocketAddress address, int backlog) {}

    @Override
    public void start() {}

    @Override
    public void setExecutor(java.util.concurrent.Executor executor) {}

    @Override
    public java.util.concurrent.Executor getExecutor() {
      return Runnable::run;
    }

    @Override
    public void stop(int delay) {}

    @Override
    public HttpContext createContext(String path, HttpHandler handler) {
      throw new UnsupportedOperationException();
    }

    @Override
    public HttpContext createContext(String path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void removeContext(String path) {}

    @Override
    public void removeContext(HttpContext context) {}

    @Override
    public InetSocketAddress getAddress() {
      return ANY_PORT;
    }
  }
}
