package io.inmesh.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RetryOn;
import io.inmesh.config.RouteAction;
import io.inmesh.config.TestTables;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every client adapter does, whatever its library: extend it, say how to make the client, and
 * all of it must pass. Over real sockets, by the real engine. After each test every lease has been
 * given back.
 */
@Timeout(30)
public abstract class ClientContract extends ContractFixture {
  private static final String REVIEWS = "spiffe://cluster.local/ns/shop/sa/reviews";
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";

  private final TestPki pki = TestPki.create();
  private ClientUnderTest client;

  /** A client under that mesh. */
  protected abstract ClientUnderTest client(MeshServices services) throws IOException;

  @BeforeEach
  void makeClient() throws IOException {
    client = client(mesh);
  }

  @AfterEach
  void closeClient() {
    leasesAreBack();
    client.close();
  }

  // ---- routing

  @Test
  void routesByAHeader() throws IOException {
    cluster("v1", server((request, answer) -> answer.text(200, "v1")));
    cluster("v2", server((request, answer) -> answer.text(200, "v2")));
    mesh.use(
        new TestTables()
            .http(
                "reviews:80",
                TestTables.conditional(
                    HttpOptions.sidecar(false),
                    TestTables.when(
                        head -> "jason".equals(head.header("end-user")),
                        TestTables.to("v2").route()),
                    TestTables.when(head -> true, TestTables.to("v1").route()))));
    assertThat(client.call(Asked.get(URL)).text()).isEqualTo("v1");
    assertThat(client.call(Asked.get(URL).with("End-User", "jason")).text()).isEqualTo("v2");
  }

  @Test
  void splitsByWeight() throws IOException {
    cluster("v1", server((request, answer) -> answer.text(200, "v1")));
    cluster("v2", server((request, answer) -> answer.text(200, "v2")));
    RouteAction.ClusterChoice split =
        (head, random) ->
            RouteAction.Target.of(
                Long.remainderUnsigned(random.getAsLong(), 100) < 80 ? "v1" : "v2");
    routes(TestTables.to("v1").choose(split));
    int first = 0;
    for (int i = 0; i < 300; i++) {
      first += client.call(Asked.get(URL)).text().equals("v1") ? 1 : 0;
    }
    // 240 wanted; 6 standard deviations of 6.9
    assertThat(first).isBetween(198, 282);
  }

  @Test
  void answersDirectlyAndRedirectsAsTheRouteSays() throws IOException {
    mesh.use(
        new TestTables()
            .http(
                "reviews:80",
                TestTables.conditional(
                    HttpOptions.sidecar(false),
                    TestTables.when(
                        head -> head.path().equals("/old"),
                        TestTables.route(
                            new RouteAction.Redirect(
                                301, head -> "http://reviews/new?from=" + head.method()))),
                    TestTables.when(
                        head -> true,
                        TestTables.route(
                            new RouteAction.DirectResponse(418, "short and stout"))))));
    Answered direct = client.call(Asked.get(URL));
    assertThat(direct.status()).isEqualTo(418);
    assertThat(direct.text()).isEqualTo("short and stout");
    assertThat(direct.headers().first("content-type")).isEqualTo("text/plain");
    Answered old = client.call(Asked.get("http://reviews/old"));
    // a client that follows redirects by itself is answered by the new place, through the mesh
    assertThat(old.status()).isIn(301, 418);
    if (old.status() == 301) {
      assertThat(old.headers().first("location")).isEqualTo("http://reviews/new?from=GET");
    }
  }

  @Test
  void saysThatNoRouteAndNoClusterWereFound() throws IOException {
    mesh.use(new TestTables().routes("reviews:80"));
    assertThat(client.call(Asked.get(URL)).status()).isEqualTo(404);
    assertThat(mesh.lastOutcome().flags()).hasToString("NR");
    routes(TestTables.to("nowhere"));
    assertThat(client.call(Asked.get(URL)).status()).isEqualTo(503);
    assertThat(mesh.lastOutcome().flags()).hasToString("NC");
  }

  // ---- headers

  @Test
  void editsHeadersBothWays() throws IOException {
    RawServer server =
        server(
            (request, answer) ->
                answer.text(200, "ok", "X-From-Server", "kept", "x-secret", "removed"));
    cluster("v1", server);
    HeaderEdits request =
        (headers, values) -> {
          headers.set("x-added", "by-route");
          headers.remove("x-gone");
        };
    HeaderEdits response =
        (headers, values) -> {
          headers.remove("x-secret");
          headers.add("x-answer", "edited");
        };
    mesh.use(
        new TestTables()
            .routes(
                "reviews:80", TestTables.route(TestTables.to("v1").build(), request, response)));
    Answered answer =
        client.call(
            Asked.get("http://reviews/a%20b?x=1&y=%2F")
                .with("X-Mine", "first")
                .with("X-Mine", "second")
                .with("X-Gone", "1")
                .with("x-envoy-retry-on", "5xx"));
    assertThat(answer.headers().first("x-from-server")).isEqualTo("kept");
    assertThat(answer.headers().first("x-answer")).isEqualTo("edited");
    assertThat(answer.headers().contains("x-secret")).isFalse();
    assertThat(answer.headers().first("x-envoy-upstream-service-time")).isNotNull();
    Received got = server.received().get(0);
    assertThat(got.target()).isEqualTo("/a%20b?x=1&y=%2F");
    assertThat(got.headers().all("host")).containsExactly("reviews");
    assertThat(got.headers().all("x-mine")).containsExactly("first", "second");
    assertThat(got.header("x-added")).isEqualTo("by-route");
    assertThat(got.header("x-gone")).isNull();
    assertThat(got.header("x-envoy-retry-on")).isNull();
    assertThat(got.header("x-forwarded-proto")).isEqualTo("http");
    assertThat(got.header("x-request-id")).isNotBlank();
  }

  // ---- retries and time-outs

  @Test
  void sendsTheWholeBodyAgainOnARetry() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    RawServer server =
        server(
            (request, answer) ->
                answer.text(calls.incrementAndGet() < 3 ? 503 : 200, "call " + calls));
    cluster("v1", server);
    routes(TestTables.to("v1").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)));
    Answered answer = client.call(Asked.post(URL, "the body"));
    assertThat(answer.text()).isEqualTo("call 3");
    assertThat(server.received()).extracting(Received::text).containsOnly("the body").hasSize(3);
    assertThat(mesh.lastOutcome().attempts()).isEqualTo(3);
  }

  @Test
  void givesTheLastAnswerWhenRetriesAreUsedUp() throws IOException {
    RawServer server = server((request, answer) -> answer.text(503, "still busy"));
    cluster("v1", server);
    routes(TestTables.to("v1").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)));
    Answered answer = client.call(Asked.get(URL));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text()).isEqualTo("still busy");
    assertThat(server.received()).hasSize(3);
    assertThat(mesh.lastOutcome().flags()).hasToString("URX");
  }

  @Test
  void aPerTryTimeoutStartsAnotherAttempt() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    RawServer server =
        server(
            (request, answer) -> {
              if (calls.incrementAndGet() == 1) {
                never.await(20, TimeUnit.SECONDS);
              }
              answer.text(200, "second");
            });
    cluster("v1", server);
    // one retry is enough, unless the machine is too busy to answer it in time
    routes(TestTables.to("v1").retry(TestTables.retry(8, 150, RetryOn.FIVE_XX)));
    assertThat(client.call(Asked.get(URL)).text()).isEqualTo("second");
    never.countDown();
  }

  @Test
  void aHedgedAttemptWinsAndTheFirstIsGivenUp() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch never = new CountDownLatch(1);
    RawServer server =
        server(
            (request, answer) -> {
              if (calls.incrementAndGet() == 1) {
                never.await(20, TimeUnit.SECONDS);
              }
              answer.text(200, "hedge " + request.text());
            });
    cluster("v1", server);
    routes(TestTables.to("v1").retry(TestTables.retry(1, 100, RetryOn.FIVE_XX)).hedge());
    assertThat(client.call(Asked.post(URL, "sent twice")).text()).isEqualTo("hedge sent twice");
    never.countDown();
  }

  @Test
  void theRouteTimeoutEndsTheCallWithEnvoysWords() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    cluster(
        "v1",
        server(
            (request, answer) -> {
              never.await(20, TimeUnit.SECONDS);
            }));
    routes(TestTables.to("v1").timeoutMillis(150));
    for (Asked asked : List.of(Asked.get(URL), Asked.post(URL, "body"))) {
      Answered answer = client.call(asked);
      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.text()).isEqualTo("upstream request timeout");
      assertThat(mesh.lastOutcome().flags()).hasToString("UT");
    }
    never.countDown();
  }

  @Test
  void theRouteTimeoutAlsoEndsABodyThatDoesNotCome() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    cluster(
        "v1",
        server(
            (request, answer) -> {
              answer.head(200, 100);
              answer.write("half");
              answer.flush();
              never.await(20, TimeUnit.SECONDS);
            }));
    routes(TestTables.to("v1").timeoutMillis(300));
    assertThatThrownBy(() -> client.call(Asked.get(URL)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("upstream request timeout");
    never.countDown();
  }

  // ---- failures

  @Test
  void aConnectionThatIsRefusedIsSaidSo() throws IOException {
    mesh.use(TestTables.cluster("v1").at(refusing()).build());
    routes(TestTables.to("v1"));
    Answered answer = client.call(Asked.get(URL));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text())
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: "
                + "remote connection failure");
    assertThat(mesh.lastOutcome().flags()).hasToString("UF");
  }

  @Test
  void aConnectionThatDoesNotComeAboutInTimeIsSaidSo() throws IOException {
    mesh.use(TestTables.cluster("v1").at(silent()).connectMillis(200).build());
    routes(TestTables.to("v1"));
    Answered answer = client.call(Asked.get(URL));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text())
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: "
                + "connection timeout");
    assertThat(mesh.lastOutcome().flags()).hasToString("UF");
  }

  @Test
  void aConnectionThatEndsBeforeTheHeadIsSaidSo() throws IOException {
    cluster("v1", server((request, answer) -> answer.close()));
    routes(TestTables.to("v1"));
    Answered answer = client.call(Asked.get(URL));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text())
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: "
                + "connection termination");
    assertThat(mesh.lastOutcome().flags()).hasToString("UC");
  }

  @Test
  void aRetryHidesAHostThatIsGone() throws IOException {
    RawServer alive = server((request, answer) -> answer.text(200, "alive"));
    mesh.use(TestTables.cluster("v1").at(refusing(), alive.port()).build());
    routes(TestTables.to("v1").retry(TestTables.retry(2, 0, RetryOn.CONNECT_FAILURE)));
    for (int i = 0; i < 6; i++) {
      assertThat(client.call(Asked.get(URL)).text()).isEqualTo("alive");
    }
  }

  @Test
  void aBodyThatIsResetHalfwayIsAnErrorAtTheReader() throws IOException {
    cluster(
        "v1",
        server(
            (request, answer) -> {
              answer.head(200, 1000);
              answer.write("half");
              answer.reset();
            }));
    routes(TestTables.to("v1").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)));
    assertThatThrownBy(() -> client.call(Asked.get(URL))).isInstanceOf(IOException.class);
    assertThat(mesh.lastOutcome().details()).startsWith("upstream_reset_after_response_started");
    assertThat(mesh.lastOutcome().attempts()).as("no retry after the head").isEqualTo(1);
  }

  @Test
  void mutualTlsIsSpokenWithTheWorkloadsCertificate() throws IOException {
    assumeTrue(client.tls());
    RawServer server = server(pki.leaf(REVIEWS), (request, answer) -> answer.text(200, "secret"));
    secured(server);
    for (int i = 0; i < 3; i++) {
      assertThat(client.call(Asked.post(URL, "told in confidence")).text()).isEqualTo("secret");
    }
    assertThat(server.peers()).isNotEmpty().containsOnly(STOREFRONT);
    assertThat(server.received()).extracting(Received::text).containsOnly("told in confidence");
  }

  @Test
  void aServerOfAnotherNameIsToldNothing() throws IOException {
    assumeTrue(client.tls());
    RawServer server =
        server(
            pki.leaf("spiffe://cluster.local/ns/shop/sa/impostor"),
            (request, answer) -> answer.text(200, "mine now"));
    secured(server);
    assertThat(client.call(Asked.get(URL)).status()).isEqualTo(503);
    assertThat(mesh.lastOutcome().flags()).hasToString("UF");
    assertThat(server.received()).isEmpty();
  }

  private void secured(RawServer server) {
    mesh.use(pki.leaf(STOREFRONT).material());
    mesh.use(
        TestTables.cluster("v1")
            .at(server.port())
            .socket(TestTables.mutualTls("reviews", REVIEWS))
            .build());
    routes(TestTables.to("v1"));
  }

  @Test
  void http2IsSpokenWhereTheClusterSaysSo() throws IOException {
    assumeTrue(client.http2());
    try (Http2Server server = new Http2Server()) {
      mesh.use(TestTables.cluster("v1").at(server.port()).http2().build());
      routes(TestTables.to("v1"));
      for (int i = 0; i < 3; i++) {
        assertThat(client.call(Asked.get(URL + "?a=%20b")).text()).isEqualTo("GET /1?a=%20b ");
      }
      assertThat(client.call(Asked.post(URL, "body")).text()).isEqualTo("POST /1 body");
      assertThat(server.connections()).as("streams of one connection").isEqualTo(1);
    }
  }

  @Test
  void withoutACertificateNothingGoesOutInClear() throws IOException {
    RawServer server = server((request, answer) -> answer.text(200, "read in clear"));
    mesh.use(
        TestTables.cluster("v1")
            .at(server.port())
            .socket(TestTables.mutualTls("reviews", "spiffe://cluster.local/ns/shop/sa/reviews"))
            .build());
    routes(TestTables.to("v1"));
    assertThat(client.call(Asked.get(URL)).status()).isEqualTo(503);
    assertThat(server.received()).isEmpty();
  }

  @Test
  void noHealthyUpstreamIsSaidSo() throws IOException {
    mesh.use(TestTables.cluster("v1").build());
    routes(TestTables.to("v1"));
    Answered answer = client.call(Asked.get(URL));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text()).isEqualTo("no healthy upstream");
    assertThat(mesh.lastOutcome().flags()).hasToString("UH");
  }

  @Test
  void theBreakerAnswersWhatIsTooMuch() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    RawServer server =
        server(
            (request, answer) -> {
              release.await(20, TimeUnit.SECONDS);
              answer.text(200, "slow");
            });
    mesh.use(
        TestTables.cluster("v1")
            .at(server.port())
            .breakers(new CircuitBreakers(1024, 1024, 1, 3, -1, 3))
            .build());
    routes(TestTables.to("v1"));
    ClientUnderTest.Running slow = client.start(Asked.get(URL));
    await().until(() -> server.received().size() == 1);
    Answered answer = client.call(Asked.get(URL));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text())
        .isEqualTo(
            "upstream connect error or disconnect/reset before headers. reset reason: overflow");
    assertThat(answer.headers().first("x-envoy-overloaded")).isEqualTo("true");
    release.countDown();
    assertThat(slow.answer().get(10, TimeUnit.SECONDS).text()).isEqualTo("slow");
  }

  // ---- the caller

  @Test
  void aCancelledCallEndsAtOnceAndSoDoesItsAttempt() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    RawServer server = server((request, answer) -> never.await(20, TimeUnit.SECONDS));
    cluster("v1", server);
    routes(TestTables.to("v1"));
    ClientUnderTest.Running running = client.start(Asked.get(URL));
    await().until(() -> server.received().size() == 1);
    running.cancel();
    assertThatThrownBy(() -> running.answer().get(5, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(IOException.class);
    await().atMost(Duration.ofSeconds(5)).until(() -> mesh.held().isEmpty());
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
    never.countDown();
  }

  @Test
  void aCancelDuringABackOffEndsIt() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    RawServer server =
        server(
            (request, answer) -> {
              asked.countDown();
              answer.text(503, "busy");
            });
    cluster("v1", server);
    routes(TestTables.to("v1").retry(TestTables.slowRetry(1, RetryOn.FIVE_XX, 20_000)));
    ClientUnderTest.Running running = client.start(Asked.get(URL));
    assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
    running.cancel();
    assertThatThrownBy(() -> running.answer().get(5, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(IOException.class);
  }

  // ---- bodies

  @Test
  void carriesBigBodiesBothWays() throws IOException {
    cluster("v1", server((request, answer) -> answer.bytes(200, request.body())));
    routes(TestTables.to("v1").timeoutMillis(20_000));
    byte[] body = new byte[3 * 1024 * 1024];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (i * 31 + (i >> 13));
    }
    assertThat(Arrays.equals(client.call(Asked.post(URL, body)).body(), body)).isTrue();
  }

  @Test
  void answersWithoutABodyEndAtOnce() throws IOException {
    cluster(
        "v1",
        server(
            (request, answer) -> {
              if (request.method().equals("HEAD")) {
                answer.head(200, 100);
              } else {
                answer.write("HTTP/1.1 204 .\r\n\r\n");
              }
            }));
    routes(TestTables.to("v1"));
    assertThat(client.call(Asked.get(URL)).status()).isEqualTo(204);
    Answered head = client.call(new Asked("HEAD", URL, List.of(), null));
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().first("content-length")).isEqualTo("100");
  }

  @Test
  void trailersReachTheCaller() throws IOException {
    Assumptions.assumeTrue(client.trailers(), "this library shows no trailers");
    cluster("v1", server((request, answer) -> answer.chunked("body", "x-sum", "42")));
    routes(TestTables.to("v1"));
    Answered answer = client.call(Asked.get(URL));
    assertThat(answer.text()).isEqualTo("body");
    assertThat(answer.trailers().first("x-sum")).isEqualTo("42");
  }

  @Test
  void aMirrorGetsACopyAndNobodyWaitsForIt() throws IOException {
    CountDownLatch slow = new CountDownLatch(1);
    RawServer shadow =
        server(
            (request, answer) -> {
              slow.await(20, TimeUnit.SECONDS);
              answer.text(200, "ignored");
            });
    cluster("v1", server((request, answer) -> answer.text(200, "real")));
    cluster("v2", shadow);
    routes(TestTables.to("v1").mirror("v2"));
    assertThat(client.call(Asked.post(URL, "copied")).text()).isEqualTo("real");
    await().until(() -> shadow.received().size() == 1);
    assertThat(shadow.received().get(0).text()).isEqualTo("copied");
    assertThat(shadow.received().get(0).header("host")).isEqualTo("reviews-shadow");
    slow.countDown();
  }

  @Test
  void manyThreadsGiveEveryLeaseBack() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RawServer server =
        server(
            (request, answer) -> {
              int call = calls.incrementAndGet();
              if (call % 7 == 0) {
                answer.text(503, "busy");
              } else if (call % 11 == 0) {
                answer.close();
              } else {
                answer.text(200, "ok");
              }
            });
    cluster("v1", server);
    routes(TestTables.to("v1").retry(TestTables.retry(10, 0, RetryOn.FIVE_XX)));
    List<CompletableFuture<Answered>> answers = new java.util.ArrayList<>();
    for (int i = 0; i < 400; i++) {
      answers.add(client.start(Asked.post(URL, "n" + i)).answer());
      if (i % 100 == 99) {
        for (CompletableFuture<Answered> answer : answers) {
          assertThat(answer.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
        }
        answers.clear();
      }
    }
  }
}
