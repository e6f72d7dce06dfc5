package io.inmesh.javahttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;
import io.inmesh.config.RetryOn;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.RawServer;
import io.inmesh.conformance.Received;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users of java.net.http keep when their client is wrapped, and what they do not. */
@Timeout(30)
class JavaHttpClientTest {
  private static final URI REVIEWS = URI.create("http://reviews/1");
  private static final int LARGE = 16 * 1024 * 1024;
  private final TestMesh mesh = new TestMesh();
  private final List<RawServer> servers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    await().atMost(5, TimeUnit.SECONDS).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
    mesh.close();
    for (RawServer server : servers) {
      server.close();
    }
  }

  private HttpClient wrap(HttpClient.Builder given) {
    return new JavaHttpAdapter().wrap(given.build(), mesh);
  }

  private HttpClient client() {
    return wrap(HttpClient.newBuilder());
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

  private static HttpRequest get() {
    return HttpRequest.newBuilder(REVIEWS).build();
  }

  private static HttpRequest post(HttpRequest.BodyPublisher body) {
    return HttpRequest.newBuilder(REVIEWS).POST(body).build();
  }

  @Test
  void headersAreTheJdksAndTheApplicationsAlone() throws Exception {
    RawServer server = serve((request, answer) -> answer.text(200, "ok"));
    HttpResponse<String> answer =
        client()
            .send(
                HttpRequest.newBuilder(REVIEWS).header("X-Mine", "1").build(),
                BodyHandlers.ofString());
    assertThat(answer.body()).isEqualTo("ok");
    assertThat(answer.uri()).isEqualTo(REVIEWS);
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    Received got = server.received().get(0);
    assertThat(got.header("user-agent")).startsWith("Java-http-client/");
    assertThat(got.header("accept-encoding")).isNull();
    assertThat(got.header("x-mine")).isEqualTo("1");
  }

  @Test
  void redirectsAreFollowedAsTheGivenClientWould() throws Exception {
    serve(
        (request, answer) -> {
          if (request.target().equals("/1")) {
            answer.text(302, "there", "Location", "/2");
          } else {
            answer.text(200, request.method() + " " + request.target() + request.text());
          }
        });
    HttpResponse<String> never = client().send(get(), BodyHandlers.ofString());
    assertThat(never.statusCode()).isEqualTo(302);
    HttpResponse<String> followed =
        wrap(HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL))
            .send(post(BodyPublishers.ofString("body")), BodyHandlers.ofString());
    assertThat(followed.body()).isEqualTo("GET /2");
    assertThat(followed.uri()).hasPath("/2");
    assertThat(followed.previousResponse()).isPresent();
    assertThat(followed.previousResponse().get().statusCode()).isEqualTo(302);
  }

  @Test
  void redirectsWithoutEndAreGivenUp() throws Exception {
    RawServer server = serve((request, answer) -> answer.text(307, "", "Location", "/1"));
    HttpResponse<String> answer =
        wrap(HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS))
            .send(get(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(307);
    assertThat(server.received()).hasSize(Redirects.LIMIT + 1);
  }

  @Test
  void cookiesAreKeptAndSent() throws Exception {
    RawServer server =
        serve((request, answer) -> answer.text(200, "ok", "Set-Cookie", "session=42; Path=/"));
    HttpClient client = wrap(HttpClient.newBuilder().cookieHandler(new CookieManager()));
    client.send(get(), BodyHandlers.ofString());
    client.send(get(), BodyHandlers.ofString());
    assertThat(server.received().get(0).header("cookie")).isNull();
    assertThat(server.received().get(1).header("cookie")).isEqualTo("session=42");
  }

  @Test
  void theAuthenticatorAnswersChallengesAndIsAskedOnce() throws Exception {
    RawServer server =
        serve(
            (request, answer) -> {
              if (request.header("authorization") == null) {
                answer.text(401, "who?", "WWW-Authenticate", "Basic realm=\"shop\"");
              } else {
                answer.text(200, request.header("authorization"));
              }
            });
    AtomicInteger asked = new AtomicInteger();
    HttpClient client =
        wrap(
            HttpClient.newBuilder()
                .authenticator(
                    new Authenticator() {
                      @Override
                      protected PasswordAuthentication getPasswordAuthentication() {
                        asked.incrementAndGet();
                        assertThat(getRequestingPrompt()).isEqualTo("shop");
                        return new PasswordAuthentication("jason", "secret".toCharArray());
                      }
                    }));
    for (int i = 0; i < 2; i++) {
      assertThat(client.send(get(), BodyHandlers.ofString()).body())
          .isEqualTo("Basic amFzb246c2VjcmV0");
    }
    assertThat(asked).hasValue(1);
    assertThat(server.received()).hasSize(3);
  }

  @Test
  void theRequestsTimeoutEndsIt() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    serve((request, answer) -> never.await(20, TimeUnit.SECONDS));
    HttpRequest request = HttpRequest.newBuilder(REVIEWS).timeout(Duration.ofMillis(200)).build();
    assertThatThrownBy(() -> client().send(request, BodyHandlers.ofString()))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
    never.countDown();
  }

  @Test
  void anInterruptedSenderReturnsAtOnce() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    RawServer server = serve((request, answer) -> never.await(20, TimeUnit.SECONDS));
    HttpClient client = client();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread sender =
        new Thread(
            () -> {
              try {
                client.send(get(), BodyHandlers.ofString());
              } catch (IOException | InterruptedException e) {
                thrown.complete(e);
              }
            });
    sender.start();
    await().until(() -> server.received().size() == 1);
    sender.interrupt();
    assertThat(thrown.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    never.countDown();
  }

  @Test
  void everyBodyHandlerOfTheJdkGetsItsBody() throws Exception {
    serve((request, answer) -> answer.text(200, "one\ntwo\nthree\n"));
    HttpClient client = client();
    try (Stream<String> lines = client.send(get(), BodyHandlers.ofLines()).body()) {
      assertThat(lines).containsExactly("one", "two", "three");
    }
    try (InputStream in = client.send(get(), BodyHandlers.ofInputStream()).body()) {
      assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).startsWith("one");
    }
    assertThat(client.send(get(), BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    assertThat(client.send(get(), BodyHandlers.replacing("mine")).body()).isEqualTo("mine");
    List<Byte> consumed = new ArrayList<>();
    client.send(
        get(),
        BodyHandlers.ofByteArrayConsumer(bytes -> bytes.ifPresent(b -> consumed.addAll(boxed(b)))));
    assertThat(consumed).hasSize("one\ntwo\nthree\n".length());
  }

  private static List<Byte> boxed(byte[] bytes) {
    List<Byte> list = new ArrayList<>();
    for (byte each : bytes) {
      list.add(each);
    }
    return list;
  }

  @Test
  void aReaderWhoAsksForNothingHoldsTheServerBackAndNoThread() throws Exception {
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
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> answer =
        client().send(get(), BodyHandlers.ofPublisher());
    await()
        .during(400, TimeUnit.MILLISECONDS)
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> written.get() < LARGE - 1024 * 1024);
    assertThat(Thread.getAllStackTraces().entrySet())
        .filteredOn(thread -> thread.getKey().getName().startsWith("inmesh-java-http-"))
        .allSatisfy(
            thread ->
                assertThat(thread.getValue())
                    .noneMatch(frame -> frame.getClassName().endsWith("BodyFeed")));
    Counting reader = new Counting();
    answer.body().subscribe(reader);
    assertThat(reader.bytes.get(20, TimeUnit.SECONDS)).isEqualTo(LARGE);
  }

  /** Asks for one list of buffers at a time. */
  private static final class Counting implements Flow.Subscriber<List<ByteBuffer>> {
    final CompletableFuture<Long> bytes = new CompletableFuture<>();
    private long count;
    private Flow.@Nullable Subscription from;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      from = subscription;
      subscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
      item.forEach(buffer -> count += buffer.remaining());
      from.request(1);
    }

    @Override
    public void onError(Throwable failure) {
      bytes.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      bytes.complete(count);
    }
  }

  @Test
  void aStreamThatIsClosedEarlyEndsItsAttempt() throws Exception {
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
    try (InputStream in = client().send(get(), BodyHandlers.ofInputStream()).body()) {
      assertThat(in.read()).isEqualTo('x');
    }
    assertThat(broken.get(10, TimeUnit.SECONDS)).isEqualTo("closed");
  }

  @Test
  void aCallGivenUpWhileItsBodyIsNotReadGivesItsLeaseBack() throws Exception {
    serve(
        (request, answer) -> {
          answer.head(200, 100);
          answer.write("half");
          answer.flush();
          request.body();
          new CountDownLatch(1).await(5, TimeUnit.SECONDS);
        });
    CompletableFuture<HttpResponse<byte[]>> sent =
        client().sendAsync(get(), BodyHandlers.ofByteArray());
    await().until(() -> servers.get(0).received().size() == 1);
    sent.cancel(true);
    assertThat(sent).isCancelled();
  }

  @Test
  void bodiesThatCanBeReadAgainAreRetriedOthersAreSentOnce() throws Exception {
    RawServer server = serve((request, answer) -> answer.text(503, "busy"));
    HttpClient client = client();
    client.send(post(BodyPublishers.ofString("again")), BodyHandlers.ofString());
    assertThat(server.received()).extracting(Received::text).hasSize(3).containsOnly("again");
    byte[] once = "once".getBytes(StandardCharsets.UTF_8);
    client.send(
        post(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(once))),
        BodyHandlers.ofString());
    assertThat(server.received()).hasSize(4);
    assertThat(server.received().get(3).text()).isEqualTo("once");
    try (SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>()) {
      CompletableFuture<HttpResponse<String>> sent =
          client.sendAsync(
              post(BodyPublishers.fromPublisher(publisher, once.length)), BodyHandlers.ofString());
      await().until(publisher::hasSubscribers);
      publisher.submit(ByteBuffer.wrap(once));
      publisher.close();
      assertThat(sent.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
    }
    assertThat(server.received()).hasSize(5);
  }

  @Test
  void aPublisherThatFailsIsToldToTheCaller() throws Exception {
    serve((request, answer) -> answer.text(200, "ok"));
    SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>();
    CompletableFuture<HttpResponse<String>> sent =
        client().sendAsync(post(BodyPublishers.fromPublisher(publisher)), BodyHandlers.ofString());
    await().until(publisher::hasSubscribers);
    publisher.closeExceptionally(new IOException("the disk is gone"));
    assertThatThrownBy(() -> sent.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .rootCause()
        .hasMessage("the disk is gone");
  }

  @Test
  void aPublisherThatGivesNothingIsLeftWhenTheCallIsGivenUp() throws Exception {
    serve((request, answer) -> answer.text(200, "ok"));
    try (SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>()) {
      CompletableFuture<HttpResponse<String>> sent =
          client()
              .sendAsync(post(BodyPublishers.fromPublisher(publisher)), BodyHandlers.ofString());
      await().until(publisher::hasSubscribers);
      sent.cancel(true);
      await().until(() -> !publisher.hasSubscribers());
    }
  }

  @Test
  void threadsAreBoundedAndCallsBeyondThemWaitTheirTurn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    RawServer server =
        serve(
            (request, answer) -> {
              release.await(20, TimeUnit.SECONDS);
              answer.text(200, "ok");
            });
    HttpClient client = client();
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < MeshHttpClient.MAX_THREADS + 10; i++) {
      sent.add(client.sendAsync(get(), BodyHandlers.ofString()));
    }
    await().until(() -> server.received().size() == MeshHttpClient.MAX_THREADS);
    release.countDown();
    for (CompletableFuture<HttpResponse<String>> each : sent) {
      assertThat(each.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void callsMadeForAServedRequestCarryItsIdFromWhateverThread() throws Exception {
    RawServer server = serve((request, answer) -> answer.text(200, "ok"));
    CallContext context =
        new CallContext(
            Long.MAX_VALUE, "id-1", Connection.LOCAL, Headers.of("traceparent", "00-ab-cd-01"));
    CompletableFuture<HttpResponse<String>> sent;
    try (CurrentCall.Scope scope = CurrentCall.enter(context)) {
      sent = client().sendAsync(get(), BodyHandlers.ofString());
    }
    sent.get(10, TimeUnit.SECONDS);
    assertThat(server.received().get(0).header("x-request-id")).isEqualTo("id-1");
    assertThat(server.received().get(0).header("traceparent")).isEqualTo("00-ab-cd-01");
  }

  @Test
  void whatTheMeshLeavesAloneTheGivenClientSends() throws Exception {
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
      URI uri = URI.create("http://127.0.0.1:" + beside.getAddress().getPort() + "/x");
      HttpResponse<String> answer =
          client()
              .send(
                  HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("as it is")).build(),
                  BodyHandlers.ofString());
      assertThat(answer.body()).isEqualTo("as it is");
      assertThat(answer).isNotInstanceOf(MeshHttpResponse.class);
    } finally {
      beside.stop(0);
    }
  }

  @Test
  void whatCannotBeSentIsRefusedByName() throws Exception {
    serve((request, answer) -> answer.text(200, "ok"));
    HttpClient client = client();
    HttpRequest search =
        HttpRequest.newBuilder(REVIEWS).method("GET", BodyPublishers.ofString("{}")).build();
    assertThatThrownBy(() -> client.send(search, BodyHandlers.ofString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a GET with a body cannot be sent through the mesh");
    CompletableFuture<WebSocket> socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://reviews/feed"), new WebSocket.Listener() {});
    assertThatThrownBy(() -> socket.get(5, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("WebSocket of java.net.http to reviews");
  }

  @Test
  void aClientThatWasShutDownFinishesWhatRunsAndTakesNoMore() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    RawServer server =
        serve(
            (request, answer) -> {
              release.await(20, TimeUnit.SECONDS);
              answer.text(200, "ok");
            });
    MeshHttpClient client = (MeshHttpClient) client();
    CompletableFuture<HttpResponse<String>> sent = client.sendAsync(get(), BodyHandlers.ofString());
    await().until(() -> server.received().size() == 1);
    client.shutdown();
    assertThatThrownBy(() -> client.send(get(), BodyHandlers.ofString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("shut down");
    assertThat(client.isTerminated()).isFalse();
    release.countDown();
    client.close();
    assertThat(sent.get(5, TimeUnit.SECONDS).body()).isEqualTo("ok");
  }
}
