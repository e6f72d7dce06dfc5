package io.inmesh.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.MeshPeer;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.conformance.ServerUnderTest.Application;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.OutboundTlsSpec;
import io.inmesh.identity.SanMatcher;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.Engines;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.Response;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections of every kind to one meshed Tomcat, and what is left of them. */
@Timeout(60)
class TomcatConnectionsTest {
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final String SNI = "outbound_.8080_._.reviews.shop.svc.cluster.local";
  private static final String GET = "GET / HTTP/1.1\r\nhost: reviews\r\nconnection: close\r\n\r\n";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final TestPki pki = TestPki.create();
  private final TestMesh mesh = new TestMesh();
  private volatile Application application = request -> ServerUnderTest.Response.text("hello");
  private TestTomcat server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    mesh.use(pki.leaf("spiffe://cluster.local/ns/shop/sa/reviews").material());
    use(MtlsMode.PERMISSIVE);
    server = TestTomcat.start(mesh, request -> application.serve(request), false);
    port = server.port();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    mesh.close();
    threads.shutdownNow();
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

  private Socket plain() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private SSLSocket tls(SSLSocketFactory factory) throws IOException {
    SSLSocket socket = (SSLSocket) factory.createSocket(plain(), "127.0.0.1", port, true);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private SSLSocketFactory factory(TestPki.Leaf leaf, List<String> alpn) throws Exception {
    IdentityStore store = new IdentityStore();
    store.update(leaf.material());
    return new OutboundTls(store, Clock.systemUTC())
        .context(OutboundTlsSpec.mesh(SNI, alpn, SanMatcher.any()))
        .socketFactory();
  }

  private static String ask(Socket socket) throws IOException {
    socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** What a browser's first bytes look like, up to the extensions. */
  private static byte[] halfAHello() {
    byte[] bytes = new byte[120];
    bytes[0] = 22;
    bytes[1] = 3;
    bytes[2] = 1;
    bytes[3] = 2;
    bytes[5] = 1;
    bytes[7] = 1;
    bytes[8] = (byte) 0xfc;
    return bytes;
  }

  @Test
  void hundredsOfConnectionsOfEveryKindLeaveNoEngineBehind() throws Exception {
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
            served += ask(socket).startsWith("HTTP/1.1 200") ? 1 : 0;
          }
        }
        case 3 -> {
          try (Socket socket = plain()) {
            served += ask(socket).startsWith("HTTP/1.1 200") ? 1 : 0;
          }
        }
        case 4 -> {
          try (SSLSocket socket = tls(stranger)) {
            assertThatThrownBy(() -> assertThat(ask(socket)).isNotEmpty())
                .isInstanceOfAny(IOException.class, AssertionError.class);
          }
        }
        default -> {
          try (Socket socket = plain()) {
            socket.getOutputStream().write(halfAHello());
          }
        }
      }
      if (i == 150) {
        mesh.use(pki.leaf("spiffe://cluster.local/ns/shop/sa/reviews").material());
      }
    }
    assertThat(served).isEqualTo(200);
    Engines engines = server.protocol().engines();
    assertThat(engines.made()).isGreaterThanOrEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(engines.released()).isEqualTo(engines.made()));
  }

  @Test
  void everySchemeIsTakenInsideMutualTls() throws Exception {
    SSLSocketFactory factory = factory(pki.leaf(STOREFRONT), OutboundTlsSpec.ISTIO_H2);
    for (String scheme : List.of("http", "https")) {
      try (SSLSocket socket = tls(factory)) {
        Http2Frames http2 = new Http2Frames(socket);
        http2.get(1, scheme);
        assertThat(http2.answer()).as(scheme).isEqualTo(Http2Frames.HEADERS);
      }
    }
  }

  @Test
  void aDistrustedHttp2ConnectionIsToldToGo() throws Exception {
    try (SSLSocket socket = tls(factory(pki.leaf(STOREFRONT), OutboundTlsSpec.ISTIO_H2))) {
      Http2Frames http2 = new Http2Frames(socket);
      http2.get(1, "http");
      assertThat(http2.answer()).isEqualTo(Http2Frames.HEADERS);
      mesh.use(TestPki.create("next").leaf("spiffe://cluster.local/ns/shop/sa/r").material());
      http2.get(3, "http");
      assertThat(List.of(http2.answer(), http2.answer())).contains(Http2Frames.GOAWAY);
    }
  }

  @Test
  void aDistrustedHttp1ConnectionIsClosedWithItsAnswer() throws Exception {
    try (SSLSocket socket = tls(factory(pki.leaf(STOREFRONT), OutboundTlsSpec.ISTIO_HTTP_1_1))) {
      socket.startHandshake();
      String first = "GET / HTTP/1.1\r\nhost: reviews\r\n\r\n";
      socket.getOutputStream().write(first.getBytes(StandardCharsets.US_ASCII));
      readUntil(socket.getInputStream(), "hello");
      mesh.use(TestPki.create("next").leaf("spiffe://cluster.local/ns/shop/sa/r").material());
      socket.getOutputStream().write(first.getBytes(StandardCharsets.US_ASCII));
      String rest = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(rest).startsWith("HTTP/1.1 403").containsIgnoringCase("connection: close");
    }
  }

  @Test
  void aClientWithoutACertificateIsRefused() throws Exception {
    SSLSocketFactory anonymous =
        new OutboundTls(new IdentityStore(), Clock.systemUTC())
            .context(
                OutboundTlsSpec.simple(
                    SNI,
                    OutboundTlsSpec.ISTIO_HTTP_1_1,
                    SanMatcher.any(),
                    OutboundTlsSpec.Trust.roots(List.of(pki.root()))))
            .socketFactory();
    try (SSLSocket socket = tls(anonymous)) {
      assertThatThrownBy(() -> assertThat(ask(socket)).isNotEmpty())
          .isInstanceOfAny(IOException.class, AssertionError.class);
    }
  }

  @Test
  void aPlaintextRequestUnderStrictIsClosedWithoutAByte() throws Exception {
    use(MtlsMode.STRICT);
    try (Socket socket = plain()) {
      String answer;
      try {
        answer = ask(socket);
      } catch (IOException reset) {
        answer = "";
      }
      assertThat(answer).isEmpty();
    }
  }

  @Test
  void firstBytesMayComeOneByOne() throws Exception {
    try (Socket socket = plain()) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      for (byte b : GET.getBytes(StandardCharsets.US_ASCII)) {
        out.write(b);
        out.flush();
      }
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 200");
    }
    SSLSocketFactory good = factory(pki.leaf(STOREFRONT), OutboundTlsSpec.ISTIO_HTTP_1_1);
    try (DribblingProxy proxy = new DribblingProxy(port);
        Socket through = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        SSLSocket socket = (SSLSocket) good.createSocket(through, "127.0.0.1", port, true)) {
      through.setSoTimeout(20_000);
      assertThat(ask(socket)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aConnectionServesAsManyRequestsAsItsCallerLikes() throws Exception {
    try (Socket socket = plain()) {
      for (int i = 0; i < 250; i++) {
        socket
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nhost: reviews\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        readUntil(socket.getInputStream(), "hello");
      }
    }
  }

  @Test
  void smallWritesAreNotHeldBack() throws Exception {
    try (Socket socket = plain()) {
      socket.getOutputStream().write("GET ".getBytes(StandardCharsets.US_ASCII));
      await().untilAsserted(() -> assertThat(server.protocol().connections()).isNotEmpty());
      for (SocketWrapperBase<?> wrapper : server.protocol().connections()) {
        assertThat(((NioChannel) wrapper.getSocket()).getIOChannel().socket().getTcpNoDelay())
            .isTrue();
      }
    }
  }

  @Test
  void whenTheMeshClosesRequestsThatRunFinishAndNoneIsTaken() throws Exception {
    CountDownLatch inApplication = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    application =
        request -> {
          inApplication.countDown();
          release.await();
          return ServerUnderTest.Response.text("finished");
        };
    try (MeshPeer peer = MeshPeer.mutual(pki.leaf(STOREFRONT), false)) {
      CompletableFuture<String> running =
          CompletableFuture.supplyAsync(
              () -> {
                try (Response answer = peer.get(port, "/")) {
                  return answer.header("connection") + " " + answer.body().string();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              },
              threads);
      inApplication.await();
      CompletableFuture<Void> closing = CompletableFuture.runAsync(mesh::close, threads);
      await().until(mesh::draining);
      assertThat(closing).isNotDone();
      release.countDown();
      assertThat(running.get()).isEqualTo("close finished");
      closing.get();
    }
  }

  private static void readUntil(InputStream in, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("ended after: " + text);
      }
      text.append((char) b);
    }
  }
}
