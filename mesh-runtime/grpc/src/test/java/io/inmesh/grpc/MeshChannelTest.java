package io.inmesh.grpc;

import static io.inmesh.grpc.EchoServer.echo;
import static io.inmesh.grpc.EchoServer.key;
import static io.inmesh.grpc.EchoServer.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RetryOn;
import io.inmesh.config.TestTables;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams in both directions as calls of the engine, over real sockets. */
@Timeout(30)
class MeshChannelTest {
  private final TestMesh mesh = new TestMesh();
  private final List<EchoServer> servers = new ArrayList<>();
  private final ManagedChannel channel = MeshGrpc.channelFor(new MeshOf(mesh), "echo:80");

  @AfterEach
  void close() {
    await().atMost(5, TimeUnit.SECONDS).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
    channel.shutdownNow();
    servers.forEach(EchoServer::close);
    mesh.close();
  }

  private EchoServer server(EchoServer.Script script) throws IOException {
    EchoServer server = new EchoServer(script);
    servers.add(server);
    return server;
  }

  private void cluster(String name, int... ports) {
    mesh.use(TestTables.cluster(name).http2().at(ports).build());
  }

  private void routes(TestTables.ForwardBuilder route) {
    mesh.use(new TestTables().routes("echo:80", route.route()));
  }

  private Talk talk() {
    return talk(CallOptions.DEFAULT, new Metadata());
  }

  private Talk talk(CallOptions options, Metadata headers) {
    return new Talk(channel, options, headers);
  }

  @Test
  void bothSidesTalkInTurnAndTrailersArrive() throws Exception {
    cluster("echo", server(echo("re: ")).port());
    routes(TestTables.to("echo"));
    Talk talk = talk();
    talk.call.request(100);
    for (int i = 0; i < 50; i++) {
      talk.call.sendMessage("m" + i);
      assertThat(talk.next()).isEqualTo("re: m" + i);
    }
    assertThat(talk.status).isNotDone();
    talk.call.halfClose();
    assertThat(talk.end()).isEqualTo(Status.OK);
    assertThat(talk.trailers.get().get(key("x-count"))).isEqualTo("done");
    assertThat(mesh.lastOutcome().details()).isEqualTo("via_upstream");
  }

  @Test
  void messagesComeOnlyAsFastAsTheyAreAskedFor() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    String large = "x".repeat(16 * 1024);
    EchoServer server =
        server(
            (call, head) -> {
              call.sendHeaders(new Metadata());
              return new ServerCall.Listener<>() {
                @Override
                public void onReady() {
                  while (call.isReady() && sent.get() < 500) {
                    call.sendMessage(large);
                    if (sent.incrementAndGet() == 500) {
                      call.close(Status.OK, new Metadata());
                    }
                  }
                }
              };
            });
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    Talk talk = talk();
    talk.headers.get(10, TimeUnit.SECONDS);
    talk.call.request(1);
    assertThat(talk.next()).isEqualTo(large);
    await().until(() -> sent.get() > 1);
    await().during(300, TimeUnit.MILLISECONDS).until(() -> sent.get() < 400);
    assertThat(talk.messages).as("one was asked for").isEmpty();
    talk.call.request(499);
    assertThat(talk.end()).isEqualTo(Status.OK);
    assertThat(talk.messages).hasSize(499);
  }

  @Test
  void aSenderIsHeldBackUntilTheServerReads() throws Exception {
    CompletableFuture<ServerCall<String, String>> serving = new CompletableFuture<>();
    AtomicInteger got = new AtomicInteger();
    EchoServer server =
        server(
            (call, head) -> {
              serving.complete(call);
              return new ServerCall.Listener<>() {
                @Override
                public void onMessage(String message) {
                  got.incrementAndGet();
                  call.request(1);
                }

                @Override
                public void onHalfClose() {
                  call.sendHeaders(new Metadata());
                  call.close(Status.OK, new Metadata());
                }
              };
            });
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    Talk talk = talk();
    talk.call.request(1);
    String large = "x".repeat(16 * 1024);
    await().until(talk.call::isReady);
    int written = 0;
    // not ready for a while: the server reads nothing, windows are full
    while (written < 2000 && stillReady(talk)) {
      talk.call.sendMessage(large);
      written++;
    }
    assertThat(written).as("16 KB each").isLessThan(200);
    int before = talk.readies.get();
    serving.get().request(1);
    await().until(talk.call::isReady);
    assertThat(talk.readies.get()).as("onReady was told").isGreaterThan(before);
    talk.call.halfClose();
    assertThat(talk.end()).isEqualTo(Status.OK);
    assertThat(got).hasValue(written);
  }

  private static boolean stillReady(Talk talk) {
    try {
      await().atMost(300, TimeUnit.MILLISECONDS).until(talk.call::isReady);
      return true;
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      return false;
    }
  }

  @Test
  void aStatusWordIsRetriedElsewhereWithAllMessages() throws Exception {
    EchoServer bad = server(refuse(2, Status.UNAVAILABLE.withDescription("draining")));
    EchoServer good = server(echo(""));
    cluster("echo", bad.port(), good.port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.UNAVAILABLE)));
    for (int i = 0; i < 2; i++) {
      Talk talk = talk();
      talk.call.request(10);
      talk.call.sendMessage("a");
      talk.call.sendMessage("b");
      assertThat(talk.next()).isEqualTo("a");
      assertThat(talk.next()).isEqualTo("b");
      talk.call.sendMessage("c");
      assertThat(talk.next()).isEqualTo("c");
      talk.call.halfClose();
      assertThat(talk.end()).isEqualTo(Status.OK);
    }
    assertThat(bad.received).as("one call at least began there").startsWith("a", "b");
    assertThat(bad.received).doesNotContain("c");
    assertThat(good.received).containsExactly("a", "b", "c", "a", "b", "c");
  }

  @Test
  void aDeadHostIsHidden() throws Exception {
    int dead;
    try (ServerSocket socket = new ServerSocket(0)) {
      dead = socket.getLocalPort();
    }
    cluster("echo", dead, server(echo("")).port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.CONNECT_FAILURE)));
    for (int i = 0; i < 4; i++) {
      Talk talk = talk();
      talk.call.request(10);
      talk.call.sendMessage("hello");
      assertThat(talk.next()).isEqualTo("hello");
      talk.call.halfClose();
      assertThat(talk.end()).isEqualTo(Status.OK);
    }
    assertThat(mesh.outcomes()).extracting(o -> o.attempts()).contains(2);
  }

  @Test
  void aStreamThatHasOutgrownTheBufferIsNotRetried() throws Exception {
    EchoServer bad = server(refuse(2, Status.UNAVAILABLE.withDescription("draining")));
    cluster("echo", bad.port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.UNAVAILABLE)));
    Talk talk = talk();
    talk.call.request(10);
    String half = "x".repeat(600 * 1024);
    talk.call.sendMessage(half);
    talk.call.sendMessage(half);
    Status status = talk.end();
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription()).isEqualTo("draining");
    assertThat(bad.calls).hasValue(1);
  }

  @Test
  void metadataChoosesTheRouteAndWeightsTheCluster() throws Exception {
    cluster("v1", server(echo("v1 ")).port());
    cluster("v2", server(echo("v2 ")).port());
    mesh.use(
        new TestTables()
            .http(
                "echo:80",
                TestTables.conditional(
                    HttpOptions.sidecar(false),
                    TestTables.when(
                        head -> "v2".equals(head.header("x-version")), TestTables.to("v2").route()),
                    TestTables.when(
                        head -> head.path().equals("/test.Echo/Talk"),
                        TestTables.to("v1").route()))));
    assertThat(once(new Metadata())).isEqualTo("v1 hi");
    Metadata headers = new Metadata();
    headers.put(key("x-version"), "v2");
    assertThat(once(headers)).isEqualTo("v2 hi");
    routes(
        TestTables.to("v1")
            .choose(
                (head, random) ->
                    io.inmesh.config.RouteAction.Target.of(
                        Long.remainderUnsigned(random.getAsLong(), 100) < 50 ? "v1" : "v2")));
    int first = 0;
    for (int i = 0; i < 100; i++) {
      first += once(new Metadata()).startsWith("v1") ? 1 : 0;
    }
    assertThat(first).as("50 wanted; 6 standard deviations of 5").isBetween(20, 80);
  }

  private String once(Metadata headers) throws Exception {
    Talk talk = talk(CallOptions.DEFAULT, headers);
    talk.call.request(2);
    talk.call.sendMessage("hi");
    talk.call.halfClose();
    assertThat(talk.end()).isEqualTo(Status.OK);
    return talk.next();
  }

  @Test
  void routesEditMetadataBothWaysAndBinaryValuesSurvive() throws Exception {
    EchoServer server = server(echo(""));
    cluster("echo", server.port());
    HeaderEdits request = (headers, values) -> headers.set("x-added", "by-route");
    HeaderEdits response = (headers, values) -> headers.set("x-answer", "edited");
    mesh.use(
        new TestTables()
            .routes("echo:80", TestTables.route(TestTables.to("echo").build(), request, response)));
    Metadata.Key<byte[]> binary = Metadata.Key.of("x-raw-bin", Metadata.BINARY_BYTE_MARSHALLER);
    Metadata headers = new Metadata();
    headers.put(binary, new byte[] {0, -1, 7});
    Talk talk = talk(CallOptions.DEFAULT, headers);
    talk.call.request(1);
    talk.call.halfClose();
    assertThat(talk.end()).isEqualTo(Status.OK);
    assertThat(talk.headers.get().get(key("x-answer"))).isEqualTo("edited");
    Metadata seen = server.headers.get(0);
    assertThat(seen.get(key("x-added"))).isEqualTo("by-route");
    assertThat(seen.get(binary)).containsExactly(0, -1, 7);
    assertThat(seen.get(key("x-request-id"))).isNotBlank();
  }

  @Test
  void theCallersDeadlineEndsTheStreamHereAndThere() throws Exception {
    EchoServer server = server((call, head) -> new ServerCall.Listener<>() {});
    cluster("echo", server.port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)));
    Talk talk =
        talk(CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS), new Metadata());
    talk.call.request(1);
    assertThat(talk.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    await().until(() -> server.cancelled.get() == 1);
    assertThat(server.calls).as("a deadline is not retried").hasValue(1);
  }

  @Test
  void theRoutesTimeoutIsSaidInEnvoysWords() throws Exception {
    cluster("echo", server((call, head) -> new ServerCall.Listener<>() {}).port());
    routes(TestTables.to("echo").timeoutMillis(200));
    Talk talk = talk();
    talk.call.request(1);
    talk.call.halfClose();
    Status status = talk.end();
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription()).isEqualTo("upstream request timeout");
    assertThat(mesh.lastOutcome().flags()).hasToString("UT");
  }

  @Test
  void anOpenStreamOutlivesTheRoutesTimeoutWhileTheCallerStillSends() throws Exception {
    cluster("echo", server(echo("")).port());
    routes(TestTables.to("echo").timeoutMillis(100));
    Talk talk = talk();
    talk.call.request(10);
    talk.call.sendMessage("1");
    assertThat(talk.next()).isEqualTo("1");
    await().during(300, TimeUnit.MILLISECONDS).until(() -> !talk.status.isDone());
    talk.call.sendMessage("2");
    assertThat(talk.next()).isEqualTo("2");
    talk.call.halfClose();
    assertThat(talk.end()).isEqualTo(Status.OK);
  }

  @Test
  void aCancelReachesTheServer() throws Exception {
    EchoServer server = server(echo(""));
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    Talk talk = talk();
    talk.call.request(10);
    talk.call.sendMessage("1");
    assertThat(talk.next()).isEqualTo("1");
    talk.call.cancel("enough", null);
    assertThat(talk.end().getCode()).isEqualTo(Status.Code.CANCELLED);
    await().until(() -> server.cancelled.get() == 1);
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
  }

  @Test
  void aServerThatDiesInMidStreamIsAnErrorAndNoRetry() throws Exception {
    EchoServer server = server(echo(""));
    cluster("echo", server.port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)));
    Talk talk = talk();
    talk.call.request(10);
    talk.call.sendMessage("1");
    assertThat(talk.next()).isEqualTo("1");
    server.close();
    assertThat(talk.end().getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
    assertThat(mesh.lastOutcome().details()).startsWith("upstream_reset_after_response_started");
    assertThat(server.calls).hasValue(1);
  }

  @Test
  void noHealthyUpstreamIsAStatusOfGrpc() throws Exception {
    mesh.use(TestTables.cluster("echo").http2().build());
    routes(TestTables.to("echo"));
    Talk talk = talk();
    Status status = talk.end();
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription()).isEqualTo("no healthy upstream");
  }
}
