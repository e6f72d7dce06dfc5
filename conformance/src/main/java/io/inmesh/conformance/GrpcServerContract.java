package io.inmesh.conformance;

import static io.inmesh.conformance.GrpcPeer.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;
import io.inmesh.call.Outcome;
import io.inmesh.call.PlaintextExemptions;
import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RbacTestKit;
import io.inmesh.config.Route;
import io.inmesh.config.TestTables;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.TestMesh;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@link ServerContract} for servers of gRPC, whatever transport they stand on: its tests where
 * they have a meaning there (no HTTP/1.1, no path that is not a method's, no body of a refusal),
 * and what gRPC has besides: four types of call, trailers, deadlines, cancellation.
 */
@Timeout(30)
public abstract class GrpcServerContract {
  private static final String REVIEWS = "spiffe://cluster.local/ns/shop/sa/reviews";
  protected static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final String POLICY = "ns[shop]-policy[no-admin]-rule[0]";
  private static final String PROBE = "/grpc.health.v1.Health/Check";
  private static final HttpFilterConfig NO_ADMIN =
      RbacTestKit.filter(
          """
          {'rules': {'action': 'DENY', 'policies': {'%s': {
            'permissions': [{'url_path': {'path': {'prefix': '/admin'}}}],
            'principals': [{'any': true}]}}}}
          """
              .formatted(POLICY));

  protected final TestPki pki = TestPki.create();
  protected final TestMesh mesh = new TestMesh();
  private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final List<GrpcPeer> peers = new ArrayList<>();
  protected volatile GrpcEcho.Unary application =
      (message, to) -> {
        to.onNext("hello " + message);
        to.onCompleted();
      };
  private Server server;
  private GrpcPeer storefront;
  private GrpcPeer plaintext;

  /** An RPC as the application saw it. */
  private record Seen(
      String method, Metadata headers, @Nullable String authority, CallContext context) {}

  /**
   * A running server under that mesh.
   *
   * @param interceptor of the application
   */
  protected abstract Server server(
      MeshServices services,
      List<ServerServiceDefinition> application,
      ServerInterceptor interceptor)
      throws Exception;

  @BeforeEach
  void start() throws Exception {
    mesh.use(pki.leaf(REVIEWS).material());
    use(MtlsMode.PERMISSIVE);
    server =
        server(
            mesh, GrpcEcho.services((message, to) -> application.say(message, to)), new Noting());
    storefront = mutual(pki.leaf(STOREFRONT));
    plaintext = clear();
  }

  @AfterEach
  void stop() throws Exception {
    peers.forEach(GrpcPeer::close);
    server.shutdownNow();
    server.awaitTermination(5, TimeUnit.SECONDS);
    mesh.close();
  }

  private final class Noting implements ServerInterceptor {
    @Override
    public <Q, P> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
      seen.add(
          new Seen(
              call.getMethodDescriptor().getFullMethodName(),
              headers,
              call.getAuthority(),
              CurrentCall.context()));
      return next.startCall(call, headers);
    }
  }

  private GrpcPeer mutual(TestPki.Leaf leaf) {
    GrpcPeer peer = GrpcPeer.mutual(server.getPort(), leaf);
    peers.add(peer);
    return peer;
  }

  private GrpcPeer clear() {
    GrpcPeer peer = GrpcPeer.plaintext(server.getPort());
    peers.add(peer);
    return peer;
  }

  protected final void use(MtlsMode mode) {
    use(mode, TestTables.to("inbound|18080||").route());
  }

  protected final void use(MtlsMode mode, Route route) {
    mesh.use(new TestTables().inbound(mode.table(manager(route, NO_ADMIN))));
  }

  private static HttpManager manager(Route route, HttpFilterConfig policy) {
    return new HttpManager(
        "virtualInbound/0.0.0.0_18080",
        true,
        TestTables.table("inbound|18080||", route),
        List.of(policy),
        HttpOptions.sidecar(true));
  }

  private Seen onlySeen() {
    assertThat(seen).hasSize(1);
    return seen.element();
  }

  private static String say(GrpcPeer peer) {
    return peer.unary(GrpcEcho.SAY, "you").message();
  }

  /** Runs what must fail, and gives how. */
  private static StatusRuntimeException refused(Runnable rpc) {
    CompletableFuture<StatusRuntimeException> how = new CompletableFuture<>();
    try {
      rpc.run();
    } catch (StatusRuntimeException e) {
      how.complete(e);
    }
    assertThat(how).as("the RPC was to fail").isDone();
    return how.join();
  }

  private static Metadata trailers(StatusRuntimeException e) {
    return e.getTrailers() == null ? new Metadata() : e.getTrailers();
  }

  // ---- policy

  @Test
  void policyDeniesBeforeTheApplicationHearsOfIt() {
    StatusRuntimeException denied = refused(() -> storefront.unary(GrpcEcho.ADMIN, "x"));
    assertThat(denied.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(denied.getStatus().getDescription()).isEqualTo("RBAC: access denied");
    assertThat(trailers(denied).get(key("server"))).isEqualTo("istio-envoy");
    assertThat(seen).isEmpty();
    Outcome outcome = mesh.lastOutcome();
    assertThat(outcome.details()).isEqualTo("rbac_access_denied_matched_policy[" + POLICY + "]");
    assertThat(outcome.policy()).isEqualTo(POLICY);
  }

  @Test
  void policyComesBeforeTheQuestionWhetherAMethodIsImplemented() {
    StatusRuntimeException denied = refused(() -> storefront.unary(GrpcEcho.ADMIN_NOWHERE, "x"));
    assertThat(denied.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    StatusRuntimeException unknown = refused(() -> storefront.unary(GrpcEcho.NOWHERE, "x"));
    assertThat(unknown.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(unknown.getStatus().getDescription())
        .isEqualTo("Method not found: test.Echo/Nowhere");
    assertThat(seen).as("as in gRPC, interceptors do not see it").isEmpty();
    await().untilAsserted(() -> assertThat(mesh.outcomes()).hasSize(2));
  }

  @Test
  void aChangedPolicyHoldsFromTheNextRpcOnOpenConnections() {
    assertThat(say(storefront)).isEqualTo("hello you");
    HttpFilterConfig noStorefront =
        RbacTestKit.filter(
            """
            {'rules': {'action': 'DENY', 'policies': {'now': {
              'permissions': [{'any': true}],
              'principals': [{'authenticated': {'principal_name': {'exact': '%s'}}}]}}}}
            """
                .formatted(STOREFRONT));
    Route route = TestTables.to("inbound|18080||").route();
    mesh.use(new TestTables().inbound(MtlsMode.PERMISSIVE.table(manager(route, noStorefront))));
    StatusRuntimeException denied = refused(() -> say(storefront));
    assertThat(denied.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(say(plaintext)).as("another principal").isEqualTo("hello you");
  }

  // ---- who calls

  @Test
  void theCallerIsNamedUnderMutualTls() {
    TestPki.Leaf leaf = pki.leaf(STOREFRONT);
    mutual(leaf)
        .unary(GrpcEcho.SAY, "you", "x-forwarded-client-cert", "By=spiffe://forged/by/caller");
    Seen rpc = onlySeen();
    assertThat(rpc.headers().get(key("x-forwarded-client-cert")))
        .endsWith(
            "By="
                + REVIEWS
                + ";Hash="
                + Certificates.sha256(leaf.certificate())
                + ";Subject=\"\";URI="
                + STOREFRONT);
    assertThat(rpc.context().peer().peer()).isEqualTo(STOREFRONT);
    assertThat(rpc.authority()).isEqualTo("reviews.shop.svc.cluster.local:8080");
  }

  @Test
  void nobodyIsNamedInPlaintext() {
    plaintext.unary(GrpcEcho.SAY, "you", "x-forwarded-client-cert", "By=spiffe://forged/by/caller");
    assertThat(onlySeen().headers().get(key("x-forwarded-client-cert"))).isNull();
    assertThat(onlySeen().context().peer().peer()).isNull();
  }

  @Test
  void callsMadeForAnRpcInheritItsContextOnOtherThreadsToo() throws Exception {
    CompletableFuture<CallContext> handler = new CompletableFuture<>();
    CompletableFuture<CallContext> elsewhere = new CompletableFuture<>();
    application =
        (message, to) -> {
          handler.complete(CurrentCall.context());
          Runnable look = () -> elsewhere.complete(CurrentCall.context());
          new Thread(Context.current().wrap(look)).start();
          to.onNext(message);
          to.onCompleted();
        };
    storefront.unary(GrpcEcho.SAY, "you", "x-request-id", "id-1", "traceparent", "00-ab-cd-01");
    CallContext context = handler.get();
    assertThat(context.requestId()).isEqualTo("id-1");
    assertThat(context.traceHeaders().first("traceparent")).isEqualTo("00-ab-cd-01");
    assertThat(context.deadlineNanos()).as("the caller's, of 20 s").isNotEqualTo(Long.MAX_VALUE);
    assertThat(elsewhere.get(20, TimeUnit.SECONDS)).isSameAs(context);
    assertThat(CurrentCall.context()).as("here").isSameAs(CallContext.NONE);
  }

  // ---- headers

  @Test
  void requestMetadataIsWhatASidecarLeaves() {
    storefront.unary(
        GrpcEcho.SAY,
        "you",
        "x-request-id",
        "kept",
        "x-envoy-retry-on",
        "5xx",
        "x-envoy-decorator-operation",
        "op",
        "x-envoy-attempt-count",
        "2",
        "x-mine",
        "1",
        "x-mine",
        "2");
    Metadata headers = onlySeen().headers();
    assertThat(headers.get(key("x-request-id"))).isEqualTo("kept");
    assertThat(headers.get(key("x-forwarded-proto"))).as("over mTLS").isEqualTo("https");
    assertThat(headers.get(key("x-envoy-attempt-count"))).isEqualTo("2");
    assertThat(headers.getAll(key("x-mine"))).containsExactly("1", "2");
    assertThat(headers.keys()).doesNotContain("x-envoy-retry-on", "x-envoy-decorator-operation");
  }

  @Test
  void anRpcWithoutAnIdGetsOne() {
    storefront.unary(GrpcEcho.SAY, "you", "x-forwarded-proto", "http");
    assertThat(onlySeen().headers().get(key("x-request-id"))).matches("[0-9a-f-]{36}");
    assertThat(onlySeen().headers().get(key("x-forwarded-proto"))).isEqualTo("http");
  }

  @Test
  void responsesSayWhoServedThemAndHowLongItTook() {
    Route plain = TestTables.to("inbound|18080||").route();
    use(
        MtlsMode.PERMISSIVE,
        new Route(
            plain.name(),
            plain.place(),
            plain.action(),
            HeaderEdits.NONE,
            HeaderEdits.NONE,
            "reviews.shop.svc.cluster.local:8080/*",
            false,
            Map.of()));
    Metadata headers = storefront.unary(GrpcEcho.SAY, "you").headers();
    assertThat(headers.get(key("server"))).isEqualTo("istio-envoy");
    assertThat(headers.get(key("x-envoy-upstream-service-time"))).matches("[0-9]+");
    assertThat(headers.get(key("x-envoy-decorator-operation")))
        .isEqualTo("reviews.shop.svc.cluster.local:8080/*");
    application =
        (message, to) -> to.onError(Status.NOT_FOUND.withDescription("no").asRuntimeException());
    StatusRuntimeException alone = refused(() -> say(storefront));
    assertThat(alone.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(alone.getStatus().getDescription()).isEqualTo("no");
    assertThat(trailers(alone).get(key("server"))).as("trailers only").isEqualTo("istio-envoy");
  }

  @Test
  void routesEditMetadataBothWaysAndBinaryValuesSurvive() {
    HeaderEdits request = (headers, values) -> headers.set("x-from-route", "in");
    HeaderEdits response =
        (headers, values) -> {
          headers.set("x-from-route", "out");
          headers.remove("x-secret");
        };
    Metadata.Key<byte[]> binary = Metadata.Key.of("x-raw-bin", Metadata.BINARY_BYTE_MARSHALLER);
    use(
        MtlsMode.PERMISSIVE,
        TestTables.route(TestTables.to("inbound|18080||").build(), request, response));
    Metadata sent = GrpcPeer.metadata("x-one", "1");
    sent.put(binary, new byte[] {0, -1, 7});
    CompletableFuture<Metadata> headers = new CompletableFuture<>();
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<String, String> call = storefront.call(GrpcEcho.TALK, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onHeaders(Metadata first) {
            headers.complete(first);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        sent);
    call.request(1);
    call.sendMessage("x");
    call.halfClose();
    assertThat(headers.join().get(key("x-from-route"))).isEqualTo("out");
    assertThat(end.join()).isEqualTo(Status.OK);
    Metadata received = onlySeen().headers();
    assertThat(received.get(key("x-from-route"))).isEqualTo("in");
    assertThat(received.get(key("x-one"))).isEqualTo("1");
    assertThat(received.get(binary)).containsExactly(0, -1, 7);
  }

  // ---- modes

  @Test
  void onePortServesEveryModeAsItIsConfiguredNow() {
    assertThat(say(storefront)).isEqualTo("hello you");
    assertThat(say(plaintext)).isEqualTo("hello you");
    use(MtlsMode.STRICT);
    assertThat(say(storefront)).isEqualTo("hello you");
    assertThat(refused(() -> say(clear())).getStatus().getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
    use(MtlsMode.DISABLE);
    assertThat(say(clear())).isEqualTo("hello you");
    assertThat(refused(() -> say(mutual(pki.leaf(STOREFRONT)))).getStatus().getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void aPlaintextConnectionFromBeforeIsRefusedOncePolicyIsStrict() {
    assertThat(say(plaintext)).isEqualTo("hello you");
    use(MtlsMode.STRICT);
    StatusRuntimeException denied = refused(() -> say(plaintext));
    assertThat(denied.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(denied.getStatus().getDescription()).contains("no filter chain takes a plaintext");
    assertThat(seen).hasSize(1);
  }

  @Test
  void underStrictAProbeInPlaintextIsServedAndNothingElse() throws Exception {
    PlaintextExemptions probes = new PlaintextExemptions(Set.of(), Set.of("/healthz", PROBE));
    try (TestMesh probed = new TestMesh(probes)) {
      probed.use(pki.leaf(REVIEWS).material());
      probed.use(
          new TestTables()
              .inbound(
                  MtlsMode.STRICT.table(
                      manager(TestTables.to("inbound|18080||").route(), NO_ADMIN))));
      Server own = server(probed, List.of(), new Noting());
      try (GrpcPeer kubelet = GrpcPeer.plaintext(own.getPort())) {
        StatusRuntimeException probe =
            refused(() -> kubelet.unary(GrpcEcho.method(PROBE.substring(1)), ""));
        assertThat(probe.getStatus().getCode())
            .as("let in: this server has no health service")
            .isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(refused(() -> say(kubelet)).getStatus().getCode())
            .isEqualTo(Status.Code.PERMISSION_DENIED);
      } finally {
        own.shutdownNow();
      }
    }
    assertThat(seen).isEmpty();
  }

  @Test
  void strangersAreNotServed() {
    TestPki foreign = TestPki.create("foreign");
    Instant now = Instant.now();
    List<TestPki.Leaf> strangers =
        List.of(
            foreign.leaf(STOREFRONT).trusting(List.of(foreign.root(), pki.root())),
            pki.leaf("spiffe://elsewhere/ns/shop/sa/storefront"),
            pki.leaf(STOREFRONT, now.minus(Duration.ofHours(2)), now.minus(Duration.ofHours(1))));
    for (TestPki.Leaf stranger : strangers) {
      assertThat(refused(() -> say(mutual(stranger))).getStatus().getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
    assertThat(seen).isEmpty();
    assertThat(say(storefront)).isEqualTo("hello you");
  }

  @Test
  void aNewCertificateServesNewConnectionsAndOldOnesGoOn() {
    assertThat(say(storefront)).isEqualTo("hello you");
    for (int i = 0; i < 3; i++) {
      mesh.use(pki.leaf(REVIEWS).material());
      assertThat(say(storefront)).isEqualTo("hello you");
      assertThat(say(mutual(pki.leaf(STOREFRONT)))).isEqualTo("hello you");
    }
  }

  @Test
  void aConnectionWhoseRootIsWithdrawnIsRefusedAtItsNextRpc() {
    assertThat(say(storefront)).isEqualTo("hello you");
    TestPki next = TestPki.create("next");
    mesh.use(next.leaf(REVIEWS).material());
    StatusRuntimeException denied = refused(() -> say(storefront));
    assertThat(denied.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(denied.getStatus().getDescription()).contains("trust roots");
    assertThat(seen).hasSize(1);
    assertThat(say(mutual(next.leaf(STOREFRONT)))).isEqualTo("hello you");
  }

  // ---- messages

  @Test
  void allTypesOfCallsAreServed() {
    for (GrpcPeer peer : List.of(storefront, plaintext)) {
      assertThat(say(peer)).isEqualTo("hello you");
      List<String> counted = new ArrayList<>();
      ClientCalls.blockingServerStreamingCall(
              peer.channel(), GrpcEcho.COUNT, CallOptions.DEFAULT, "1000")
          .forEachRemaining(counted::add);
      assertThat(counted).hasSize(1000).startsWith("0", "1").endsWith("999");
      Collected joined = new Collected();
      StreamObserver<String> join =
          ClientCalls.asyncClientStreamingCall(
              peer.call(GrpcEcho.JOIN, CallOptions.DEFAULT), joined);
      List.of("a", "b", "c").forEach(join::onNext);
      join.onCompleted();
      assertThat(joined.end()).isNull();
      assertThat(joined.messages).containsExactly("a,b,c");
      Collected talked = new Collected();
      StreamObserver<String> talk =
          ClientCalls.asyncBidiStreamingCall(peer.call(GrpcEcho.TALK, CallOptions.DEFAULT), talked);
      for (String word : List.of("one", "two", "three")) {
        talk.onNext(word);
        assertThat(talked.next()).isEqualTo(word);
      }
      talk.onCompleted();
      assertThat(talked.end()).isNull();
    }
    assertThat(mesh.outcomes())
        .hasSize(8)
        .allSatisfy(outcome -> assertThat(outcome.details()).isEqualTo("via_upstream"));
  }

  @Test
  void messagesOfThreeMegabytesGoBothWays() {
    String large = "0123456789abcdef".repeat(3 << 16);
    application =
        (message, to) -> {
          to.onNext(message);
          to.onCompleted();
        };
    for (GrpcPeer peer : List.of(storefront, plaintext)) {
      for (int i = 0; i < 3; i++) {
        assertThat(peer.unary(GrpcEcho.SAY, large).message()).isEqualTo(large);
      }
    }
  }

  @Test
  void aSlowReaderHoldsTheApplicationBack() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    CompletableFuture<ServerCallStreamObserver<String>> stream = new CompletableFuture<>();
    String block = "x".repeat(16 << 10);
    application =
        (message, to) -> {
          ServerCallStreamObserver<String> out = (ServerCallStreamObserver<String>) to;
          out.setOnReadyHandler(
              () -> {
                while (out.isReady()) {
                  out.onNext(block);
                  sent.incrementAndGet();
                }
              });
          stream.complete(out);
        };
    AtomicInteger received = new AtomicInteger();
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<String, String> call = storefront.call(GrpcEcho.STREAM, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(String message) {
            received.incrementAndGet();
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.sendMessage("go");
    call.halfClose();
    call.request(1);
    await().until(() -> received.get() == 1);
    AtomicInteger before = new AtomicInteger(-1);
    await().until(() -> before.getAndSet(sent.get()) == sent.get());
    int held = sent.get();
    assertThat(held).as("windows and buffers, not all there is").isBetween(1, 1000);
    call.request(held);
    await().until(() -> sent.get() > held);
    call.cancel("enough", null);
    assertThat(end.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(stream.get().isReady()).isFalse();
  }

  // ---- failures, time, ends

  @Test
  void anApplicationThatThrowsAnswersInGrpcsWords() {
    application =
        (message, to) -> {
          throw new IllegalStateException("the application's own defect");
        };
    StatusRuntimeException failed = refused(() -> say(storefront));
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(failed.getStatus().getDescription()).isEqualTo("Application error processing RPC");
    assertThat(trailers(failed).get(key("server"))).isEqualTo("istio-envoy");
    await().untilAsserted(() -> assertThat(mesh.lastOutcome().details()).isEqualTo("via_upstream"));
  }

  @Test
  void aSlowApplicationIsAnsweredForWhileItStillWorks() throws Exception {
    use(MtlsMode.PERMISSIVE, TestTables.to("inbound|18080||").timeoutMillis(200).route());
    CompletableFuture<StreamObserver<String>> running = new CompletableFuture<>();
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    application =
        (message, to) -> {
          Context.current()
              .addListener(context -> cancelled.complete(context.isCancelled()), Runnable::run);
          ((ServerCallStreamObserver<String>) to).setOnCancelHandler(() -> {});
          running.complete(to);
        };
    StatusRuntimeException late = refused(() -> say(storefront));
    assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(late.getStatus().getDescription()).isEqualTo("upstream request timeout");
    assertThat(trailers(late).get(key("server"))).isEqualTo("istio-envoy");
    assertThat(cancelled.get(20, TimeUnit.SECONDS)).isTrue();
    running.join().onNext("too late");
    running.join().onCompleted();
    assertThat(mesh.lastOutcome().flags()).hasToString("UT");
    assertThat(mesh.lastOutcome().details()).isEqualTo("response_timeout");
    application =
        (message, to) -> {
          to.onNext("again");
          to.onCompleted();
        };
    assertThat(say(storefront)).isEqualTo("again");
    assertThat(mesh.outcomes()).hasSize(2);
  }

  @Test
  void theCallersDeadlineEndsAStreamThatHasBegunToo() throws Exception {
    application = (message, to) -> to.onNext("one of many");
    CompletableFuture<String> first = new CompletableFuture<>();
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<String, String> call = storefront.call(GrpcEcho.STREAM, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(String message) {
            first.complete(message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        GrpcPeer.metadata("grpc-timeout", "1S"));
    call.request(2);
    call.sendMessage("x");
    call.halfClose();
    assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("one of many");
    assertThat(end.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  /** The caller's own watch is not used: a sidecar passes {@code grpc-timeout} on. */
  @Test
  void theCallersDeadlineIsKeptForIt() throws Exception {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    CompletableFuture<Boolean> hasDeadline = new CompletableFuture<>();
    application =
        (message, to) -> {
          hasDeadline.complete(Context.current().getDeadline() != null);
          Context.current()
              .addListener(context -> cancelled.complete(context.isCancelled()), Runnable::run);
        };
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<String, String> call = storefront.call(GrpcEcho.SAY, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        GrpcPeer.metadata("grpc-timeout", "200m"));
    call.request(1);
    call.sendMessage("x");
    call.halfClose();
    Status status = end.get(20, TimeUnit.SECONDS);
    assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(status.getDescription()).isEqualTo("downstream duration timeout");
    assertThat(hasDeadline.get()).isTrue();
    assertThat(cancelled.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(mesh.lastOutcome().details()).isEqualTo("max_duration_timeout");
  }

  @Test
  void aCancelReachesTheApplication() throws Exception {
    CompletableFuture<Boolean> began = new CompletableFuture<>();
    AtomicBoolean cancelled = new AtomicBoolean();
    application =
        (message, to) -> {
          ((ServerCallStreamObserver<String>) to).setOnCancelHandler(() -> cancelled.set(true));
          began.complete(true);
        };
    ClientCall<String, String> call = storefront.call(GrpcEcho.SAY, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.request(1);
    call.sendMessage("x");
    call.halfClose();
    began.get(20, TimeUnit.SECONDS);
    call.cancel("enough", null);
    await().untilTrue(cancelled);
    await().untilAsserted(() -> assertThat(mesh.outcomes()).hasSize(1));
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
    assertThat(mesh.lastOutcome().details()).isEqualTo("downstream_remote_disconnect");
  }

  @Test
  void whenTheMeshClosesRpcsThatRunMayEnd() throws Exception {
    Collected talked = new Collected();
    StreamObserver<String> talk =
        ClientCalls.asyncBidiStreamingCall(
            storefront.call(GrpcEcho.TALK, CallOptions.DEFAULT), talked);
    talk.onNext("before");
    assertThat(talked.next()).isEqualTo("before");
    CompletableFuture<Void> closed = CompletableFuture.runAsync(mesh::close);
    await().until(() -> mesh.draining() && server.isShutdown());
    talk.onNext("during");
    assertThat(talked.next()).isEqualTo("during");
    assertThat(closed).isNotDone();
    talk.onCompleted();
    assertThat(talked.end()).isNull();
    closed.get(20, TimeUnit.SECONDS);
    assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> say(storefront)).isInstanceOf(StatusRuntimeException.class);
  }

  /** What a caller of a stream got. */
  private static final class Collected implements StreamObserver<String> {
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<@Nullable Throwable> ended = new CompletableFuture<>();

    @Override
    public void onNext(String message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable error) {
      ended.complete(error);
    }

    @Override
    public void onCompleted() {
      ended.complete(null);
    }

    String next() {
      try {
        String message = messages.poll(20, TimeUnit.SECONDS);
        if (message == null) {
          throw new AssertionError("no message came; the end: " + ended);
        }
        return message;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Nullable Throwable end() {
      return ended.join();
    }
  }
}
