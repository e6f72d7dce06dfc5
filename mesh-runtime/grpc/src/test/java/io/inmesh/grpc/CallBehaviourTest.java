package io.inmesh.grpc;

import static io.inmesh.grpc.EchoServer.echo;
import static io.inmesh.grpc.EchoServer.key;
import static io.inmesh.grpc.EchoServer.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;
import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RetryOn;
import io.inmesh.config.Route;
import io.inmesh.config.TestTables;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers of a meshed channel can count on, beyond streams. */
@Timeout(60)
class CallBehaviourTest extends MeshChannelFixture {
  @Test
  void aUnaryCallIsOneCallAndOneAttempt() throws Exception {
    EchoServer server = server(echo("re: "));
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    for (int i = 0; i < 20; i++) {
      assertThat(once(CallOptions.DEFAULT, "m" + i)).isEqualTo("re: m" + i);
    }
    assertThat(mesh.outcomes()).hasSize(20).allSatisfy(o -> assertThat(o.attempts()).isEqualTo(1));
    assertThat(server.headers.get(0).get(key("user-agent"))).startsWith("grpc-java-netty/");
  }

  @Test
  void aStatusIsRetriedWithinTheLimit() throws Exception {
    EchoServer bad = server(refuse(1, Status.RESOURCE_EXHAUSTED.withDescription("full % of it")));
    cluster("echo", bad.port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.RESOURCE_EXHAUSTED)));
    Status status = refused(CallOptions.DEFAULT);
    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.getDescription()).isEqualTo("full % of it");
    assertThat(bad.calls).hasValue(3);
    assertThat(mesh.lastOutcome().flags()).hasToString("URX");
  }

  @Test
  void nothingIsRetriedOnceTheHeadHasBeenGiven() throws Exception {
    EchoServer server =
        server(
            (call, head) -> {
              call.sendHeaders(new Metadata());
              call.request(1);
              return new ServerCall.Listener<>() {
                @Override
                public void onMessage(String message) {
                  call.close(Status.UNAVAILABLE.withDescription("too late"), new Metadata());
                }
              };
            });
    cluster("echo", server.port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.UNAVAILABLE)));
    assertThat(refused(CallOptions.DEFAULT).getDescription()).isEqualTo("too late");
    assertThat(server.calls).hasValue(1);
  }

  @Test
  void aPerTryTimeoutGoesElsewhere() throws Exception {
    EchoServer dumb = server((call, head) -> new ServerCall.Listener<>() {});
    EchoServer good = server(echo(""));
    cluster("echo", dumb.port(), good.port());
    routes(TestTables.to("echo").retry(TestTables.retry(3, 150, RetryOn.FIVE_XX)));
    for (int i = 0; i < 3; i++) {
      assertThat(once(CallOptions.DEFAULT, "hi")).isEqualTo("hi");
    }
    await().until(() -> dumb.cancelled.get() == dumb.calls.get());
  }

  @Test
  void theDeadlineIsTheCallersAndTravelsAsGrpcTimeout() throws Exception {
    EchoServer server = server((call, head) -> new ServerCall.Listener<>() {});
    cluster("echo", server.port());
    routes(TestTables.to("echo").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)));
    Status status = refused(CallOptions.DEFAULT.withDeadlineAfter(400, TimeUnit.MILLISECONDS));
    assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    await().until(() -> server.cancelled.get() == 1);
    assertThat(refused(CallOptions.DEFAULT.withDeadlineAfter(-1, TimeUnit.SECONDS)).getCode())
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(server.calls).hasValue(1);
  }

  @Test
  void aServedRequestsDeadlineAndIdentifiersAreInherited() throws Exception {
    EchoServer server = server((call, head) -> new ServerCall.Listener<>() {});
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    CallContext served =
        new CallContext(
            System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(400),
            "the-request",
            Connection.LOCAL,
            Headers.of("traceparent", "00-1-2-01"));
    try (CurrentCall.Scope scope = CurrentCall.enter(served)) {
      assertThat(refused(CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    Metadata seen = server.headers.get(0);
    assertThat(seen.get(key("x-request-id"))).isEqualTo("the-request");
    assertThat(seen.get(key("traceparent"))).isEqualTo("00-1-2-01");
  }

  @Test
  void aCancelledContextCancelsTheCall() throws Exception {
    EchoServer server = server((call, head) -> new ServerCall.Listener<>() {});
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    Context.CancellableContext context = Context.current().withCancellation();
    CompletableFuture<Talk> started = new CompletableFuture<>();
    context.run(() -> started.complete(talk(CallOptions.DEFAULT)));
    await().until(() -> server.calls.get() == 1);
    context.cancel(new IllegalStateException("no more interest"));
    assertThat(started.get().end().getCode()).isEqualTo(Status.Code.CANCELLED);
    await().until(() -> server.cancelled.get() == 1);
  }

  @Test
  void waitForReadyWaitsUntilThereIsAHostThatAnswers() throws Exception {
    int dead;
    try (ServerSocket socket = new ServerSocket(0)) {
      dead = socket.getLocalPort();
    }
    cluster("echo", dead);
    routes(TestTables.to("echo"));
    assertThat(refused(CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    Talk waits = talk(CallOptions.DEFAULT.withWaitForReady());
    waits.call.request(1);
    waits.call.sendMessage("patient");
    await().until(() -> mesh.outcomes().size() >= 3);
    assertThat(waits.status).isNotDone();
    mesh.use(TestTables.cluster("echo").http2().build());
    int before = mesh.outcomes().size();
    await().until(() -> mesh.outcomes().size() > before);
    assertThat(waits.status).isNotDone();
    cluster("echo", server(echo("")).port());
    assertThat(waits.next()).isEqualTo("patient");
    waits.call.halfClose();
    assertThat(waits.end()).isEqualTo(Status.OK);
    assertThat(
            refused(
                    CallOptions.DEFAULT
                        .withAuthority("unknown:80")
                        .withWaitForReady()
                        .withDeadlineAfter(300, TimeUnit.MILLISECONDS))
                .getCode())
        .isNotNull();
  }

  @Test
  void aBreakerRefusesAtOnceAlsoWhoWouldWait() throws Exception {
    EchoServer server = server((call, head) -> new ServerCall.Listener<>() {});
    mesh.use(
        TestTables.cluster("echo")
            .http2()
            .at(server.port())
            .breakers(new CircuitBreakers(1024, 1024, 1, 3, -1, 3))
            .build());
    routes(TestTables.to("echo"));
    Talk first = talk(CallOptions.DEFAULT);
    await().until(() -> server.calls.get() == 1);
    Status status = refused(CallOptions.DEFAULT.withWaitForReady());
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription()).endsWith("reset reason: overflow");
    first.call.cancel("enough", null);
  }

  @Test
  void routesMayRewritePathAndAuthority() throws Exception {
    EchoServer server = server(echo(""));
    cluster("echo", server.port());
    Route plain = TestTables.to("echo").route();
    mesh.use(
        new TestTables()
            .http(
                "echo:80",
                TestTables.conditional(
                    HttpOptions.sidecar(false),
                    TestTables.when(
                        head -> {
                          // as a route's rewrite does it
                          head.path(head.path().replace("/old.Echo/", "/test.Echo/"));
                          head.authority("rewritten:1");
                          return true;
                        },
                        plain))));
    var old = EchoServer.ONCE.toBuilder().setFullMethodName("old.Echo/Once").build();
    assertThat(ClientCalls.blockingUnaryCall(channel, old, CallOptions.DEFAULT, "hi"))
        .isEqualTo("hi");
    assertThat(server.authorities).containsExactly("rewritten:1");
  }

  @Test
  void aMirrorGetsACopyAndNobodyWaitsForIt() throws Exception {
    EchoServer shadow =
        server(
            (call, head) -> {
              call.request(1);
              return new ServerCall.Listener<>() {};
            });
    cluster("v1", server(echo("real ")).port());
    cluster("v2", shadow.port());
    routes(TestTables.to("v1").mirror("v2").timeoutMillis(2_000));
    assertThat(once(CallOptions.DEFAULT, "copied")).isEqualTo("real copied");
    await().until(() -> shadow.received.contains("copied"));
    assertThat(shadow.authorities).containsExactly("echo-shadow:80");
  }

  @Test
  void whatTheMeshLeavesAloneGoesOutAsWithoutIt() throws Exception {
    EchoServer server = server(echo("direct "));
    ManagedChannel beside = MeshGrpc.channelFor(new MeshOf(mesh), "127.0.0.1:" + server.port());
    try {
      // no table knows it: Istio's ALLOW_ANY
      mesh.use(new TestTables());
      for (int i = 0; i < 3; i++) {
        assertThat(
                ClientCalls.blockingUnaryCall(
                    beside, EchoServer.ONCE, CallOptions.DEFAULT, "m" + i))
            .isEqualTo("direct m" + i);
      }
      assertThat(mesh.outcomes()).isEmpty();
    } finally {
      beside.shutdownNow();
    }
  }

  @Test
  void aMeshThatIsSwitchedOffGivesPlainChannels() throws Exception {
    EchoServer server = server(echo("direct "));
    ManagedChannel off = MeshGrpc.channelFor(new MeshOf(null), "127.0.0.1:" + server.port());
    try {
      assertThat(ClientCalls.blockingUnaryCall(off, EchoServer.ONCE, CallOptions.DEFAULT, "hi"))
          .isEqualTo("direct hi");
    } finally {
      off.shutdownNow();
    }
  }

  @Test
  void withoutAMeshTheNameSaysWhatToDo() {
    assertThatThrownBy(() -> MeshGrpc.channelFor("echo:80")).hasMessageContaining("Mesh.start");
    ManagedChannel lost =
        io.grpc.Grpc.newChannelBuilder("mesh:///echo:80", MeshChannelCredentials.create()).build();
    try {
      assertThatThrownBy(
              () -> ClientCalls.blockingUnaryCall(lost, EchoServer.ONCE, CallOptions.DEFAULT, "hi"))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("no mesh runs in this process");
    } finally {
      lost.shutdownNow();
    }
    assertThatThrownBy(
            () ->
                io.grpc.Grpc.newChannelBuilder("mesh:echo", MeshChannelCredentials.create())
                    .build())
        .hasMessageContaining("mesh:///host:port");
  }

  @Test
  void aListenerThatThrowsEndsItsCallAlone() throws Exception {
    EchoServer server = server(echo(""));
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    CompletableFuture<Status> ended = new CompletableFuture<>();
    var call = channel.newCall(EchoServer.TALK, CallOptions.DEFAULT);
    call.start(
        new io.grpc.ClientCall.Listener<>() {
          @Override
          public void onMessage(String message) {
            throw new IllegalStateException("a bug of the application");
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage("boom");
    assertThat(ended.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(once(CallOptions.DEFAULT, "still there")).isEqualTo("still there");
  }

  @Test
  void messagesAreCompressedAsTheApplicationSays() throws Exception {
    EchoServer server = server(echo(""));
    cluster("echo", server.port());
    routes(TestTables.to("echo"));
    assertThat(once(CallOptions.DEFAULT.withCompression("gzip"), "x".repeat(10_000)))
        .hasSize(10_000);
    assertThat(server.headers.get(0).get(key("grpc-encoding"))).isEqualTo("gzip");
    assertThat(List.of(server.calls.get())).containsExactly(1);
  }
}
