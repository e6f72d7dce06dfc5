package io.inmesh.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RbacTestKit;
import io.inmesh.config.Route;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.MeshPeer;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.TestMesh;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** What a meshed Reactor Netty server does beyond the contract. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class HttpServerTest {
  private static final String REVIEWS = "spiffe://cluster.local/ns/shop/sa/reviews";

  private final TestPki pki = TestPki.create();
  private final TestMesh mesh = new TestMesh();
  private final MeshServer meshed = new MeshServer(mesh);
  private final CountDownLatch release = new CountDownLatch(1);
  private final WebClient client = client();
  private DisposableServer server;

  private WebClient client() {
    ClientHttpConnector connector =
        new ClientHttpConnectorAdapter().wrap(new ReactorClientHttpConnector(), mesh);
    return WebClient.builder().clientConnector(connector).build();
  }

  @BeforeEach
  void start() {
    mesh.use(pki.leaf(REVIEWS).material());
    server =
        meshed
            .around(HttpServer.create().host("127.0.0.1").port(0))
            .route(
                routes ->
                    routes
                        .get(
                            "/slow",
                            (in, out) ->
                                out.sendString(
                                    Mono.fromCallable(
                                            () -> {
                                              release.await(20, TimeUnit.SECONDS);
                                              return "slow";
                                            })
                                        .subscribeOn(
                                            reactor.core.scheduler.Schedulers.boundedElastic())))
                        .get(
                            "/calls",
                            (in, out) ->
                                out.sendString(
                                    client
                                        .get()
                                        .uri("http://reviews/version")
                                        .retrieve()
                                        .bodyToMono(String.class)))
                        .get(
                            "/version",
                            (in, out) ->
                                out.sendString(
                                    Mono.just(
                                        in.version()
                                            + " "
                                            + in.requestHeaders().get("x-request-id")
                                            + " "
                                            + in.scheme())))
                        .get(
                            "/stream",
                            (in, out) -> out.sendString(Flux.just("one", "two", "three")))
                        .get("/never", (in, out) -> out.sendString(Flux.never()))
                        .ws("/echo", (in, out) -> out.send(in.receive().retain()))
                        .post(
                            "/{any}",
                            (in, out) -> out.sendString(in.receive().aggregate().asString()))
                        .get("/{any}", (in, out) -> out.sendString(Mono.just("hello"))))
            .bindNow();
    use(MtlsMode.PERMISSIVE);
  }

  private void use(MtlsMode mode) {
    use(mode, TestTables.to("inbound|18080||").route());
  }

  private void use(MtlsMode mode, Route route) {
    HttpManager manager =
        new HttpManager(
            "virtualInbound/0.0.0.0_18080",
            true,
            TestTables.table("inbound|18080||", route),
            List.of(
                RbacTestKit.filter(
                    """
                    {'rules': {'action': 'DENY', 'policies': {'no-admin': {
                      'permissions': [{'url_path': {'path': {'prefix': '/admin'}}}],
                      'principals': [{'any': true}]}}}}
                    """)),
            HttpOptions.sidecar(true));
    mesh.use(
        TestTables.cluster("v1")
            .at(server.port())
            .http2()
            .connectMillis(20_000) // a handshake on a busy machine
            .socket(TestTables.mutualTls("outbound_.80_._.reviews.shop.svc.cluster.local", REVIEWS))
            .build());
    mesh.use(
        new TestTables()
            .inbound(mode.table(manager))
            .routes("reviews:80", TestTables.to("v1").route()));
  }

  @AfterEach
  void stop() {
    release.countDown();
    mesh.close();
    server.disposeNow();
  }

  private Socket open() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String readUntil(InputStream in, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("ended after " + text);
      }
      text.append((char) c);
    }
    return text.toString();
  }

  @Test
  void requestsSentAheadAreJudgedOneByOneAndAnsweredInOrder() throws IOException {
    try (Socket socket = open()) {
      send(
          socket,
          "GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
              + "POST /admin HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"
              + "POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nmine"
              + "GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(all.replaceAll("(?s)\r\n.*?\r\n\r\n", "|"))
          .as(all)
          .contains("HTTP/1.1 200 OK|")
          .contains("HTTP/1.1 403 Forbidden|RBAC: access denied")
          .contains("mine");
      assertThat(all.split("HTTP/1.1 ")).hasSize(5);
      assertThat(all.indexOf("403 Forbidden"))
          .isBetween(all.indexOf("200 OK"), all.indexOf("mine"));
    }
  }

  @Test
  void aWebSocketIsUpgradedUnderPolicy() {
    String echoed =
        HttpClient.create()
            .websocket()
            .uri("ws://127.0.0.1:" + server.port() + "/echo")
            .handle(
                (in, out) ->
                    out.sendString(Mono.just("ping"))
                        .then()
                        .thenMany(in.receive().asString().take(1)))
            .blockLast(Duration.ofSeconds(10));
    assertThat(echoed).isEqualTo("ping");
    assertThatThrownBy(
            () ->
                HttpClient.create()
                    .websocket()
                    .uri("ws://127.0.0.1:" + server.port() + "/admin")
                    .handle((in, out) -> in.receive())
                    .blockLast(Duration.ofSeconds(10)))
        .hasMessageContaining("403");
    await().untilAsserted(() -> assertThat(meshed.requests().none()).isTrue());
  }

  @Test
  void callsMadeForARequestInheritItThroughTheReactorContextOverHttp2InTheMeshsTls() {
    use(MtlsMode.STRICT);
    String answer =
        client
            .get()
            .uri("http://reviews/calls")
            .header("x-request-id", "id-7")
            .retrieve()
            .bodyToMono(String.class)
            .block(Duration.ofSeconds(20));
    assertThat(answer).isEqualTo("HTTP/2.0 id-7 http");
  }

  @Test
  void hundredsOfConnectionsOfEveryKindLeaveNoEngineBehind() throws Exception {
    for (int i = 0; i < 25; i++) {
      try (MeshPeer peer = MeshPeer.mutual(pki.leaf(REVIEWS), i % 2 == 0);
          Response answer = peer.get(server.port(), "/x")) {
        assertThat(answer.code()).isEqualTo(200);
        answer.body().bytes();
      }
      TestPki foreign = TestPki.create("foreign");
      try (MeshPeer stranger =
          MeshPeer.mutual(
              foreign.leaf(REVIEWS).trusting(List.of(foreign.root(), pki.root())), false)) {
        assertThatThrownBy(() -> stranger.get(server.port(), "/x").close())
            .isInstanceOf(IOException.class);
      }
      try (Socket half = open()) {
        half.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0, 1});
      }
      if (i == 12) {
        mesh.use(pki.leaf(REVIEWS).material());
      }
    }
    assertThat(meshed.engines().made()).isGreaterThanOrEqualTo(50);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(meshed.engines().released()).isEqualTo(meshed.engines().made()));
  }

  @Test
  void aSlowStreamIsAnsweredForAndItsConnectionServesOthers() throws Exception {
    use(MtlsMode.PERMISSIVE, TestTables.to("inbound|18080||").timeoutMillis(200).route());
    try (MeshPeer peer = MeshPeer.mutual(pki.leaf(REVIEWS), true)) {
      for (int i = 0; i < 3; i++) {
        try (Response answer = peer.get(server.port(), "/slow")) {
          assertThat(answer.code()).isEqualTo(504);
          assertThat(answer.body().string()).isEqualTo("upstream request timeout");
        }
      }
      assertThat(meshed.engines().made()).as("one connection").isEqualTo(1);
    }
    await().untilAsserted(() -> assertThat(meshed.requests().none()).isTrue());
  }

  @Test
  void aStreamWhoseHeadTheRouteEditsKeepsItsFraming() throws Exception {
    HeaderEdits edit = (headers, values) -> headers.set("x-from-route", "out");
    use(
        MtlsMode.PERMISSIVE,
        TestTables.route(TestTables.to("inbound|18080||").build(), HeaderEdits.NONE, edit));
    try (MeshPeer peer = MeshPeer.plaintext(false)) {
      for (int i = 0; i < 2; i++) {
        try (Response answer = peer.get(server.port(), "/stream")) {
          assertThat(answer.header("transfer-encoding")).isEqualTo("chunked");
          assertThat(answer.header("x-from-route")).isEqualTo("out");
          assertThat(answer.body().string()).isEqualTo("onetwothree");
        }
      }
    }
  }

  @Test
  void firstBytesMayComeOneByOne() throws Exception {
    try (Socket socket = open()) {
      socket.setTcpNoDelay(true);
      for (byte b :
          "GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII)) {
        socket.getOutputStream().write(b);
      }
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200 OK")
          .contains("hello");
    }
  }

  @Test
  void whenTheMeshClosesRequestsThatRunFinishAndNoneIsTaken() throws Exception {
    try (Socket idle = open();
        Socket busy = open()) {
      send(idle, "GET /a HTTP/1.1\r\nhost: x\r\n\r\n");
      readUntil(idle.getInputStream(), "hello");
      send(busy, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
      await().until(() -> !meshed.requests().none());
      CompletableFuture<Void> closing = CompletableFuture.runAsync(mesh::close);
      assertThat(idle.getInputStream().readAllBytes()).as("idle ones end at once").isEmpty();
      assertThat(closing).isNotDone();
      release.countDown();
      String answer = new String(busy.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).contains("200 OK").contains("connection: close").contains("slow");
      closing.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aCallerThatLeavesIsNoticedAndNothingIsLeftRunning() throws Exception {
    try (Socket socket = open()) {
      send(socket, "GET /never HTTP/1.1\r\nhost: x\r\n\r\n");
      await().until(() -> !meshed.requests().none());
    }
    await().untilAsserted(() -> assertThat(meshed.requests().none()).isTrue());
    await().untilAsserted(() -> assertThat(mesh.lastOutcome().flags()).hasToString("DC"));
  }

  @Test
  void aServerWithTlsOfItsOwnIsRefusedWithTheReason() throws IOException {
    TestPki.Leaf own = pki.leaf(REVIEWS);
    SslContext context = SslContextBuilder.forServer(own.key(), own.chain()).build();
    HttpServer secured = HttpServer.create().secure(spec -> spec.sslContext(context));
    assertThatThrownBy(() -> new HttpServerAdapter().wrap(secured, mesh))
        .hasMessageContaining("TLS");
  }
}
