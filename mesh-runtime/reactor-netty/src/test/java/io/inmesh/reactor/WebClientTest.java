package io.inmesh.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.inmesh.call.CallContext;
import io.inmesh.config.RetryOn;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.RawServer;
import io.inmesh.conformance.Received;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.HostLines;
import io.inmesh.runtime.TestMesh;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;

/** What users of WebClient keep under the mesh: streams, back-pressure, cancellation, contexts. */
@Timeout(30)
@ExtendWith(NoLeaks.class)
class WebClientTest {
  private static final int LARGE = 16 * 1024 * 1024;
  private final TestMesh mesh = new TestMesh();
  private final List<RawServer> servers = new ArrayList<>();
  private final ClientHttpConnector connector =
      new ClientHttpConnectorAdapter().wrap(new ReactorClientHttpConnector(), mesh);
  private final WebClient client =
      WebClient.builder().baseUrl("http://reviews").clientConnector(connector).build();

  @AfterEach
  void close() throws IOException {
    await().atMost(5, TimeUnit.SECONDS).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
    mesh.close();
    for (RawServer server : servers) {
      server.close();
    }
  }

  private RawServer serve(RawServer.Handler handler) throws IOException {
    RawServer server = new RawServer(handler);
    servers.add(server);
    mesh.use(TestTables.cluster("v1").at(server.port()).build());
    mesh.use(
        new TestTables()
            .routes(
                "reviews:80",
                TestTables.to("v1").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)).route()));
    return server;
  }

  @Test
  void serverSentEventsComeAsTheyAreSent() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    serve(
        (request, answer) -> {
          answer.write(
              "HTTP/1.1 200 .\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n");
          answer.write("data: one\n\n");
          answer.flush();
          first.await(20, TimeUnit.SECONDS);
          answer.write("data: two\n\n");
          answer.flush();
          answer.close();
        });
    List<String> events = new ArrayList<>();
    client
        .get()
        .uri("/events")
        .accept(MediaType.TEXT_EVENT_STREAM)
        .retrieve()
        .bodyToFlux(
            new org.springframework.core.ParameterizedTypeReference<ServerSentEvent<String>>() {})
        .doOnNext(
            event -> {
              events.add(event.data());
              first.countDown(); // the second is sent once the first was seen
            })
        .blockLast(Duration.ofSeconds(20));
    assertThat(events).containsExactly("one", "two");
  }

  @Test
  void aSlowReaderSlowsTheServerDown() throws Exception {
    AtomicLong written = new AtomicLong();
    serve(
        (request, answer) -> {
          answer.head(200, LARGE);
          String piece = "x".repeat(64 * 1024);
          while (written.get() < LARGE) {
            answer.write(piece);
            answer.flush();
            written.addAndGet(piece.length());
          }
        });
    CompletableFuture<Long> all = new CompletableFuture<>();
    AtomicLong read = new AtomicLong();
    BaseSubscriber<DataBuffer> reader =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {
            // asks for nothing yet
          }

          @Override
          protected void hookOnNext(DataBuffer buffer) {
            read.addAndGet(buffer.readableByteCount());
            DataBufferUtils.release(buffer);
          }

          @Override
          protected void hookOnComplete() {
            all.complete(read.get());
          }

          @Override
          protected void hookOnError(Throwable failure) {
            all.completeExceptionally(failure);
          }
        };
    client.get().uri("/1").retrieve().bodyToFlux(DataBuffer.class).subscribe(reader);
    await()
        .during(400, TimeUnit.MILLISECONDS)
        .atMost(10, TimeUnit.SECONDS)
        .until(() -> written.get() > 0 && written.get() < LARGE - 1024 * 1024);
    reader.request(Long.MAX_VALUE);
    assertThat(all.get(20, TimeUnit.SECONDS)).isEqualTo(LARGE);
  }

  @Test
  void aSlowServerHoldsTheWriterBack() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    AtomicLong got = new AtomicLong();
    try (java.net.ServerSocket raw = new java.net.ServerSocket()) {
      raw.setReceiveBufferSize(32 * 1024);
      raw.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Thread accepting =
          new Thread(
              () -> {
                try (java.net.Socket socket = raw.accept()) {
                  read.await();
                  byte[] buffer = new byte[64 * 1024];
                  while (got.get() < LARGE) {
                    got.addAndGet(socket.getInputStream().read(buffer));
                  }
                  socket
                      .getOutputStream()
                      .write("HTTP/1.1 200 .\r\ncontent-length: 0\r\n\r\n".getBytes("US-ASCII"));
                  socket.getInputStream().read();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      accepting.setDaemon(true);
      accepting.start();
      mesh.use(TestTables.cluster("v1").at(raw.getLocalPort()).build());
      mesh.use(new TestTables().routes("reviews:80", TestTables.to("v1").route()));
      AtomicLong written = new AtomicLong();
      Flux<DataBuffer> body =
          Flux.range(0, LARGE / 16384)
              .map(
                  i -> {
                    written.addAndGet(16384);
                    return DefaultDataBufferFactory.sharedInstance.wrap(new byte[16384]);
                  });
      CompletableFuture<Integer> status =
          client
              .post()
              .uri("/1")
              .contentLength(LARGE)
              .body(BodyInserters.fromDataBuffers(body))
              .exchangeToMono(r -> r.releaseBody().thenReturn(r.statusCode().value()))
              .toFuture();
      await()
          .during(400, TimeUnit.MILLISECONDS)
          .atMost(10, TimeUnit.SECONDS)
          .until(() -> written.get() > 0 && written.get() < LARGE - 1024 * 1024);
      read.countDown();
      assertThat(status.get(20, TimeUnit.SECONDS)).isEqualTo(200);
      assertThat(written).hasValue(LARGE);
    }
  }

  @Test
  void aReaderWhoLeavesInTheMiddleOfABodyClosesTheConnection() throws Exception {
    CompletableFuture<String> broken = new CompletableFuture<>();
    serve(
        (request, answer) -> {
          answer.head(200, LARGE);
          try {
            while (true) {
              answer.write("x".repeat(64 * 1024));
              answer.flush();
            }
          } catch (IOException e) {
            broken.complete("closed");
            throw e;
          }
        });
    DataBuffer some = client.get().uri("/1").retrieve().bodyToFlux(DataBuffer.class).blockFirst();
    DataBufferUtils.release(some);
    assertThat(broken.get(10, TimeUnit.SECONDS)).isEqualTo("closed");
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
  }

  @Test
  void aBodyIsAskedForOnceAndStillSentAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RawServer server =
        serve((request, answer) -> answer.text(calls.incrementAndGet() < 3 ? 503 : 200, "ok"));
    AtomicInteger subscriptions = new AtomicInteger();
    Flux<String> parts =
        Flux.just("some ", "parts").doOnSubscribe(s -> subscriptions.incrementAndGet());
    assertThat(
            client
                .post()
                .uri("/1")
                .body(parts, String.class)
                .retrieve()
                .bodyToMono(String.class)
                .block(Duration.ofSeconds(10)))
        .isEqualTo("ok");
    assertThat(server.received()).extracting(Received::text).containsOnly("some parts").hasSize(3);
    assertThat(subscriptions).hasValue(1);
  }

  @Test
  void aBodyPastTheLimitIsSentOnceAndTheAnswerIsGivenAsItIs() throws Exception {
    RawServer server = serve((request, answer) -> answer.text(503, "busy"));
    byte[] body = new byte[3 * 1024 * 1024];
    int status =
        client
            .post()
            .uri("/1")
            .bodyValue(body)
            .exchangeToMono(r -> r.releaseBody().thenReturn(r.statusCode().value()))
            .block(Duration.ofSeconds(10));
    assertThat(status).isEqualTo(503);
    assertThat(server.received()).hasSize(1);
  }

  @Test
  void aBodyThatNobodyWantsIsLetGo() {
    mesh.use(new TestTables().routes("reviews:80"));
    for (int i = 0; i < 10; i++) {
      int status =
          client
              .post()
              .uri("/1")
              .bodyValue("for nobody")
              .exchangeToMono(r -> r.releaseBody().thenReturn(r.statusCode().value()))
              .block(Duration.ofSeconds(10));
      assertThat(status).isEqualTo(404);
    }
  }

  @Test
  void aBodyThatFailsIsToldToTheCaller() throws Exception {
    serve((request, answer) -> answer.text(200, "ok"));
    Flux<String> failing =
        Flux.just("some").concatWith(Mono.error(new IOException("the disk is gone")));
    assertThatThrownBy(
            () ->
                client
                    .post()
                    .uri("/1")
                    .body(failing, String.class)
                    .retrieve()
                    .bodyToMono(String.class)
                    .block(Duration.ofSeconds(10)))
        .isInstanceOf(WebClientRequestException.class)
        .hasMessageContaining("the disk is gone");
  }

  @Test
  void callsMadeForAServedRequestCarryItsId() throws Exception {
    RawServer server = serve((request, answer) -> answer.text(200, "ok"));
    CallContext context =
        new CallContext(
            Long.MAX_VALUE, "id-1", Connection.LOCAL, Headers.of("traceparent", "00-ab-cd-01"));
    client
        .get()
        .uri("/1")
        .retrieve()
        .bodyToMono(String.class)
        .contextWrite(of -> of.put(CallContext.class, context))
        .block(Duration.ofSeconds(10));
    assertThat(server.received().get(0).header("x-request-id")).isEqualTo("id-1");
    assertThat(server.received().get(0).header("traceparent")).isEqualTo("00-ab-cd-01");
  }

  @Test
  void aPooledConnectionThatIsFoundDeadIsNoFailedAttempt() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RawServer server =
        serve(
            (request, answer) -> {
              if (calls.incrementAndGet() == 2) {
                answer.close();
              } else {
                answer.text(200, "ok");
              }
            });
    mesh.use(new TestTables().routes("reviews:80", TestTables.to("v1").route()));
    for (int i = 0; i < 2; i++) {
      assertThat(
              client
                  .get()
                  .uri("/1")
                  .retrieve()
                  .bodyToMono(String.class)
                  .block(Duration.ofSeconds(10)))
          .isEqualTo("ok");
      assertThat(mesh.lastOutcome().attempts()).isEqualTo(1);
    }
    assertThat(server.received()).hasSize(3);
  }

  @Test
  void aResetStreamIsCalledWhatItsCodeSays() {
    AtomicInteger calls = new AtomicInteger();
    DisposableServer server =
        reactor.netty.http.server.HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .protocol(HttpProtocol.H2C)
            .handle(
                (request, response) -> {
                  Http2Error code =
                      calls.incrementAndGet() == 1
                          ? Http2Error.REFUSED_STREAM
                          : Http2Error.INTERNAL_ERROR;
                  request.withConnection(
                      c -> c.channel().writeAndFlush(new DefaultHttp2ResetFrame(code)));
                  return Mono.never();
                })
            .bindNow();
    try {
      mesh.use(TestTables.cluster("v1").at(server.port()).http2().build());
      mesh.use(
          new TestTables()
              .routes(
                  "reviews:80",
                  TestTables.to("v1")
                      .retry(TestTables.retry(5, 0, RetryOn.REFUSED_STREAM))
                      .route()));
      String answer =
          client
              .get()
              .uri("/1")
              .exchangeToMono(response -> response.bodyToMono(String.class))
              .block(Duration.ofSeconds(10));
      assertThat(answer).contains("remote reset").doesNotContain("refused");
      assertThat(mesh.lastOutcome().attempts()).isEqualTo(2);
      assertThat(mesh.lastOutcome().flags().toString()).contains("UR");
    } finally {
      server.disposeNow();
    }
  }

  @Test
  void trailersAreThereOnceTheBodyWasRead() throws Exception {
    serve((request, answer) -> answer.chunked("body", "x-sum", "42"));
    HostLines<Line> lines =
        HostLines.start(
            mesh,
            (host, wire, tls) -> Line.to(host, wire, tls, HttpClient.create().configuration()));
    RequestHead head =
        new RequestHead("GET", "http", "reviews", "/1", new Headers(), Protocol.HTTP11);
    Answer answer =
        Mono.<Answer>create(sink -> Exchange.start(mesh, lines, head, null, CallContext.NONE, sink))
            .block(Duration.ofSeconds(10));
    String body =
        answer
            .body()
            .map(
                buffer -> {
                  String text = buffer.toString(StandardCharsets.US_ASCII);
                  buffer.release();
                  return text;
                })
            .reduce("", String::concat)
            .block(Duration.ofSeconds(10));
    assertThat(body).isEqualTo("body");
    assertThat(answer.trailers().get().first("x-sum")).isEqualTo("42");
  }

  @Test
  void gzipIsAskedForAndDecoded() throws Exception {
    java.io.ByteArrayOutputStream packed = new java.io.ByteArrayOutputStream();
    try (java.util.zip.GZIPOutputStream out = new java.util.zip.GZIPOutputStream(packed)) {
      out.write("unpacked".getBytes(StandardCharsets.US_ASCII));
    }
    RawServer server =
        serve(
            (request, answer) ->
                answer.bytes(200, packed.toByteArray(), "content-encoding", "gzip"));
    assertThat(
            client.get().uri("/1").retrieve().bodyToMono(String.class).block(Duration.ofSeconds(9)))
        .isEqualTo("unpacked");
    assertThat(server.received().get(0).header("accept-encoding")).isEqualTo("gzip");
  }

  @Test
  void aCallCancelledBeforeItsBodyIsReadGivesItsLeaseBack() throws Exception {
    CountDownLatch given = new CountDownLatch(1);
    serve(
        (request, answer) -> {
          answer.head(200, 100);
          answer.write("half");
          answer.flush();
          given.await(5, TimeUnit.SECONDS);
        });
    Disposable running =
        client
            .get()
            .uri("/1")
            .exchangeToMono(
                response -> {
                  given.countDown();
                  return Mono.never();
                })
            .subscribe();
    assertThat(given.await(5, TimeUnit.SECONDS)).isTrue();
    running.dispose();
  }

  @Test
  void httpsOfTheApplicationGoesToTheEndpointUnderItsOwnTrust() throws Exception {
    for (String name : List.of("shop.example", "other.example")) {
      TestPki.Leaf web = TestPki.create("web").server(name);
      SslContext trusting = SslContextBuilder.forClient().trustManager(web.roots()).build();
      SslContext serving = SslContextBuilder.forServer(web.key(), web.chain()).build();
      DisposableServer server =
          reactor.netty.http.server.HttpServer.create()
              .host("127.0.0.1")
              .port(0)
              .secure(spec -> spec.sslContext(serving))
              .handle((request, response) -> response.sendString(Mono.just(request.uri())))
              .bindNow();
      try {
        mesh.use(TestTables.cluster("shop").at(server.port()).build());
        mesh.use(new TestTables().tcp("shop.example:443", "shop"));
        ClientHttpConnector https =
            new MeshClientHttpConnector(
                new ReactorClientHttpConnector(),
                HttpClient.create().secure(spec -> spec.sslContext(trusting)),
                mesh);
        Mono<String> answer =
            WebClient.builder()
                .clientConnector(https)
                .build()
                .get()
                .uri("https://shop.example/x?y=1")
                .retrieve()
                .bodyToMono(String.class);
        if (name.equals("shop.example")) {
          assertThat(answer.block(Duration.ofSeconds(10))).isEqualTo("/x?y=1");
        } else {
          assertThatThrownBy(() -> answer.block(Duration.ofSeconds(10)))
              .isInstanceOf(WebClientRequestException.class)
              .hasMessageContaining("shop.example");
        }
      } finally {
        server.disposeNow();
      }
    }
  }

  @Test
  void whatTheMeshLeavesAloneTheGivenConnectorSends() throws Exception {
    mesh.use(new TestTables()); // nothing but passthrough
    HttpServer beside =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    beside.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    beside.start();
    try {
      assertThat(
              client
                  .post()
                  .uri("http://127.0.0.1:" + beside.getAddress().getPort() + "/x")
                  .bodyValue("as it is")
                  .retrieve()
                  .bodyToMono(String.class)
                  .block(Duration.ofSeconds(10)))
          .isEqualTo("as it is");
      assertThat(mesh.outcomes()).isEmpty();
    } finally {
      beside.stop(0);
    }
  }
}
