package io.inmesh.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.call.CallContext;
import io.inmesh.call.Outcome;
import io.inmesh.call.PlaintextExemptions;
import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RbacTestKit;
import io.inmesh.config.Route;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.ServerUnderTest.Application;
import io.inmesh.conformance.ServerUnderTest.Request;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import okhttp3.internal.http2.ErrorCode;
import okhttp3.internal.http2.StreamResetException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every server adapter does, whatever its server: extend it, say how to start the server, and
 * all of it must pass. Over real sockets and TLS, by the real engine.
 */
@Timeout(30)
public abstract class ServerContract {
  protected static final String REVIEWS = "spiffe://cluster.local/ns/shop/sa/reviews";
  protected static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final String POLICY = "ns[shop]-policy[no-admin]-rule[0]";
  private static final HttpFilterConfig NO_ADMIN =
      RbacTestKit.filter(
          """
          {'rules': {'action': 'DENY', 'policies': {'%s': {
            'permissions': [{'url_path': {'path': {'prefix': '/admin'}}}],
            'principals': [{'any': true}]}}}}
          """
              .formatted(POLICY));

  protected final TestPki pki = TestPki.create();
  protected final TestMesh mesh =
      new TestMesh(new PlaintextExemptions(Set.of(), Set.of("/healthz")));
  protected final Queue<Request> seen = new ConcurrentLinkedQueue<>();
  protected volatile Application application = request -> ServerUnderTest.Response.text("hello");
  private ServerUnderTest server;
  private MeshPeer storefront;
  private MeshPeer plaintext;

  /** A running server under that mesh. */
  protected abstract ServerUnderTest server(MeshServices services, Application application)
      throws Exception;

  /** Whether callers speak HTTP/2. */
  protected abstract boolean http2();

  @BeforeEach
  void start() throws Exception {
    mesh.use(pki.leaf(REVIEWS).material());
    use(MtlsMode.PERMISSIVE);
    server =
        server(
            mesh,
            request -> {
              seen.add(request);
              return application.serve(request);
            });
    storefront = MeshPeer.mutual(pki.leaf(STOREFRONT), http2());
    plaintext = MeshPeer.plaintext(http2());
  }

  @AfterEach
  void stop() throws Exception {
    storefront.close();
    plaintext.close();
    server.close();
    mesh.close();
  }

  protected final int port() {
    return server.port();
  }

  protected final void use(MtlsMode mode) {
    use(mode, TestTables.to("inbound|18080||").route());
  }

  protected final void use(MtlsMode mode, Route route) {
    HttpManager manager =
        new HttpManager(
            "virtualInbound/0.0.0.0_18080",
            true,
            TestTables.table("inbound|18080||", route),
            List.of(NO_ADMIN),
            HttpOptions.sidecar(true));
    mesh.use(new TestTables().inbound(mode.table(manager)));
  }

  private Request onlySeen() {
    assertThat(seen).hasSize(1);
    return seen.element();
  }

  // ---- policy

  @Test
  void policyDeniesBeforeTheApplicationHearsOfIt() throws IOException {
    try (Response answer = storefront.get(port(), "/admin/users")) {
      assertThat(answer.code()).isEqualTo(403);
      assertThat(answer.body().string()).isEqualTo("RBAC: access denied");
      assertThat(answer.header("content-type")).isEqualTo("text/plain");
      assertThat(answer.header("server")).isEqualTo("istio-envoy");
    }
    assertThat(seen).isEmpty();
    Outcome outcome = mesh.lastOutcome();
    assertThat(outcome.details()).isEqualTo("rbac_access_denied_matched_policy[" + POLICY + "]");
    assertThat(outcome.policy()).isEqualTo(POLICY);
  }

  @Test
  void grpcCallersAreDeniedInHeaders() throws IOException {
    try (Response answer =
        storefront.get(port(), "/admin/Users", "content-type", "application/grpc")) {
      assertThat(answer.code()).isEqualTo(200);
      assertThat(answer.header("content-type")).isEqualTo("application/grpc");
      assertThat(answer.header("grpc-status")).isEqualTo("7");
      assertThat(answer.header("grpc-message")).isEqualTo("RBAC: access denied");
      assertThat(answer.body().bytes()).isEmpty();
    }
    assertThat(seen).isEmpty();
  }

  @Test
  void policyAndApplicationSeeTheNormalisedPath() throws IOException {
    try (Response answer = storefront.get(port(), "/%61dmin/x")) {
      assertThat(answer.code()).isEqualTo(403);
    }
    try (Response answer = storefront.get(port(), "/a%62c/x?q=%61")) {
      assertThat(answer.code()).isEqualTo(200);
    }
    assertThat(onlySeen().target()).isEqualTo("/abc/x?q=%61");
  }

  // ---- who calls

  @Test
  void theCallerIsNamedUnderMutualTls() throws IOException {
    TestPki.Leaf leaf = pki.leaf(STOREFRONT);
    try (MeshPeer peer = MeshPeer.mutual(leaf, http2());
        Response answer =
            peer.get(port(), "/", "x-forwarded-client-cert", "By=spiffe://forged/by/caller")) {
      assertThat(answer.code()).isEqualTo(200);
    }
    Request request = onlySeen();
    assertThat(request.headers().get("x-forwarded-client-cert"))
        .endsWith(
            "By="
                + REVIEWS
                + ";Hash="
                + Certificates.sha256(leaf.certificate())
                + ";Subject=\"\";URI="
                + STOREFRONT);
    assertThat(request.peer()).isEqualTo(STOREFRONT);
    assertThat(request.scheme()).isEqualTo("http");
    assertThat(request.secure()).isFalse();
    assertThat(request.context().peer().peer()).isEqualTo(STOREFRONT);
  }

  @Test
  void nobodyIsNamedInPlaintext() throws IOException {
    try (Response answer =
        plaintext.get(port(), "/", "x-forwarded-client-cert", "By=spiffe://forged/by/caller")) {
      assertThat(answer.code()).isEqualTo(200);
    }
    Request request = onlySeen();
    assertThat(request.headers()).doesNotContainKey("x-forwarded-client-cert");
    assertThat(request.peer()).isNull();
    assertThat(request.context().peer().peer()).isNull();
  }

  @Test
  void callsMadeForARequestInheritItsContext() throws IOException {
    try (Response answer =
        storefront.get(port(), "/", "x-request-id", "id-1", "traceparent", "00-ab-cd-01")) {
      assertThat(answer.code()).isEqualTo(200);
    }
    CallContext context = onlySeen().context();
    assertThat(context.requestId()).isEqualTo("id-1");
    assertThat(context.traceHeaders().first("traceparent")).isEqualTo("00-ab-cd-01");
  }

  // ---- headers

  @Test
  void requestHeadersAreWhatASidecarLeaves() throws IOException {
    try (Response answer =
        storefront.get(
            port(),
            "/",
            "x-request-id",
            "kept",
            "x-envoy-retry-on",
            "5xx",
            "x-envoy-decorator-operation",
            "op",
            "x-envoy-attempt-count",
            "2",
            "x-mine",
            "1")) {
      assertThat(answer.header("x-envoy-decorator-operation")).isNull();
    }
    Map<String, String> headers = onlySeen().headers();
    assertThat(headers)
        .containsEntry("x-request-id", "kept")
        .containsEntry("x-forwarded-proto", "https")
        .containsEntry("x-envoy-attempt-count", "2")
        .containsEntry("x-mine", "1")
        .doesNotContainKeys("x-envoy-retry-on", "x-envoy-decorator-operation");
  }

  @Test
  void aRequestWithoutAnIdGetsOne() throws IOException {
    try (Response answer = storefront.get(port(), "/", "x-forwarded-proto", "http")) {
      assertThat(answer.code()).isEqualTo(200);
    }
    assertThat(onlySeen().headers().get("x-request-id")).matches("[0-9a-f-]{36}");
    assertThat(onlySeen().headers()).containsEntry("x-forwarded-proto", "http");
  }

  @Test
  void responsesSayWhoServedThemAndHowLongItTook() throws IOException {
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
    try (Response answer = storefront.get(port(), "/")) {
      assertThat(answer.header("server")).isEqualTo("istio-envoy");
      assertThat(answer.header("x-envoy-upstream-service-time")).matches("[0-9]+");
      assertThat(answer.header("x-envoy-decorator-operation"))
          .isEqualTo("reviews.shop.svc.cluster.local:8080/*");
      assertThat(answer.header("content-type")).startsWith("text/plain");
      assertThat(answer.body().string()).isEqualTo("hello");
    }
  }

  @Test
  void routesEditHeadersBothWays() throws IOException {
    HeaderEdits request = (headers, values) -> headers.set("x-from-route", "in");
    HeaderEdits response =
        (headers, values) -> {
          headers.set("x-from-route", "out");
          headers.remove("x-secret");
        };
    application =
        r -> {
          ServerUnderTest.Response answer = ServerUnderTest.Response.text("edited");
          answer.headers().put("x-secret", "s");
          return answer;
        };
    use(
        MtlsMode.PERMISSIVE,
        TestTables.route(TestTables.to("inbound|18080||").build(), request, response));
    try (Response answer = storefront.get(port(), "/")) {
      assertThat(answer.header("x-from-route")).isEqualTo("out");
      assertThat(answer.header("x-secret")).isNull();
      assertThat(answer.header("content-type")).startsWith("text/plain");
      assertThat(answer.body().string()).isEqualTo("edited");
    }
    assertThat(onlySeen().headers()).containsEntry("x-from-route", "in");
  }

  // ---- modes

  @Test
  void onePortServesEveryModeAsItIsConfiguredNow() throws IOException {
    assertThat(status(storefront)).isEqualTo(200);
    assertThat(status(plaintext)).isEqualTo(200);
    use(MtlsMode.STRICT);
    assertThat(status(storefront)).isEqualTo(200);
    try (MeshPeer fresh = MeshPeer.plaintext(http2())) {
      assertThatThrownBy(() -> status(fresh)).isInstanceOf(IOException.class);
    }
    use(MtlsMode.DISABLE);
    try (MeshPeer fresh = MeshPeer.plaintext(http2())) {
      assertThat(status(fresh)).isEqualTo(200);
    }
    try (MeshPeer fresh = MeshPeer.mutual(pki.leaf(STOREFRONT), http2())) {
      assertThatThrownBy(() -> status(fresh)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aPlaintextConnectionFromBeforeIsRefusedOncePolicyIsStrict() throws IOException {
    assertThat(status(plaintext)).isEqualTo(200);
    use(MtlsMode.STRICT);
    try (Response answer = plaintext.get(port(), "/")) {
      assertThat(answer.code()).isEqualTo(403);
    } catch (StreamResetException closing) {
      // over HTTP/2 the GOAWAY that follows the change may come before the request
      assertThat(closing.errorCode).isEqualTo(ErrorCode.REFUSED_STREAM);
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void underStrictAProbeInPlaintextIsServedAndNothingElse() throws IOException {
    use(MtlsMode.STRICT);
    try (MeshPeer kubelet = MeshPeer.plaintext(false)) {
      try (Response probe =
          kubelet.get(
              port(), "/healthz", "x-forwarded-client-cert", "By=spiffe://forged/by/caller")) {
        assertThat(probe.code()).isEqualTo(200);
        assertThat(probe.body().string()).isEqualTo("hello");
      }
      try (Response more = kubelet.get(port(), "/")) {
        assertThat(more.code()).as("on the probe's connection").isEqualTo(403);
      }
    }
    Request request = onlySeen();
    assertThat(request.peer()).isNull();
    assertThat(request.headers()).doesNotContainKey("x-forwarded-client-cert");
    for (String target : List.of("/", "/healthz/", "/healthz?full", "/%68ealthz", "/healthz2")) {
      try (MeshPeer fresh = MeshPeer.plaintext(false)) {
        assertThatThrownBy(() -> fresh.get(port(), target).close())
            .as(target)
            .isInstanceOf(IOException.class);
      }
    }
    try (MeshPeer fresh = MeshPeer.plaintext(false)) {
      assertThatThrownBy(() -> fresh.call(port(), "/healthz", new byte[1]).close())
          .as("POST")
          .isInstanceOf(IOException.class);
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void strangersAreNotServed() throws IOException {
    TestPki foreign = TestPki.create("foreign");
    List<TestPki.Leaf> strangers =
        List.of(
            foreign.leaf(STOREFRONT).trusting(List.of(foreign.root(), pki.root())),
            pki.leaf("spiffe://elsewhere/ns/shop/sa/storefront"));
    for (TestPki.Leaf stranger : strangers) {
      try (MeshPeer peer = MeshPeer.mutual(stranger, http2())) {
        assertThatThrownBy(() -> status(peer)).isInstanceOf(IOException.class);
      }
    }
    assertThat(seen).isEmpty();
    assertThat(status(storefront)).isEqualTo(200);
  }

  @Test
  void aNewCertificateServesNewConnectionsAndOldOnesGoOn() throws IOException {
    assertThat(status(storefront)).isEqualTo(200);
    for (int i = 0; i < 3; i++) {
      mesh.use(pki.leaf(REVIEWS).material());
      assertThat(status(storefront)).isEqualTo(200);
      try (MeshPeer fresh = MeshPeer.mutual(pki.leaf(STOREFRONT), http2())) {
        assertThat(status(fresh)).isEqualTo(200);
      }
    }
  }

  @Test
  void aConnectionWhoseRootIsWithdrawnIsRefusedAtItsNextRequest() throws IOException {
    assertThat(status(storefront)).isEqualTo(200);
    TestPki next = TestPki.create("next");
    mesh.use(next.leaf(REVIEWS).material());
    try (Response answer = storefront.get(port(), "/")) {
      assertThat(answer.code()).isEqualTo(403);
      assertThat(answer.body().string()).contains("trust roots");
    }
    assertThat(seen).hasSize(1);
    try (MeshPeer fresh = MeshPeer.mutual(next.leaf(STOREFRONT), http2())) {
      assertThat(status(fresh)).isEqualTo(200);
    }
  }

  // ---- bodies, failures, time

  @Test
  void bodiesOfThreeMegabytesGoBothWays() throws IOException {
    String large = "0123456789abcdef".repeat(3 << 16);
    application = request -> ServerUnderTest.Response.text(large);
    byte[] body = large.getBytes(StandardCharsets.ISO_8859_1);
    for (MeshPeer peer : List.of(storefront, plaintext)) {
      for (int i = 0; i < 3; i++) {
        try (Response answer = peer.call(port(), "/upload", body)) {
          assertThat(answer.code()).isEqualTo(200);
          assertThat(answer.body().string()).isEqualTo(large);
        }
      }
    }
    assertThat(seen).allSatisfy(request -> assertThat(request.bodyLength()).isEqualTo(3 << 20));
  }

  @Test
  void anApplicationThatThrowsAnswers500() throws IOException {
    application =
        request -> {
          throw new IllegalStateException("the application's own defect");
        };
    try (Response answer = storefront.get(port(), "/")) {
      assertThat(answer.code()).isEqualTo(500);
      assertThat(answer.header("server")).isEqualTo("istio-envoy");
    }
    await().untilAsserted(() -> assertThat(mesh.lastOutcome().status()).isEqualTo(500));
  }

  @Test
  void aSlowApplicationIsAnsweredForWhileItStillWorks() throws Exception {
    use(MtlsMode.PERMISSIVE, TestTables.to("inbound|18080||").timeoutMillis(200).route());
    CountDownLatch release = new CountDownLatch(1);
    application =
        request -> {
          release.await(20, TimeUnit.SECONDS);
          return ServerUnderTest.Response.text("too late");
        };
    try (Response answer = storefront.get(port(), "/")) {
      assertThat(answer.code()).isEqualTo(504);
      assertThat(answer.body().string()).isEqualTo("upstream request timeout");
      assertThat(answer.header("server")).isEqualTo("istio-envoy");
      assertThat(release.getCount()).isOne();
    } finally {
      release.countDown();
    }
    assertThat(mesh.lastOutcome().flags()).hasToString("UT");
    assertThat(mesh.lastOutcome().details()).isEqualTo("response_timeout");
    application = request -> ServerUnderTest.Response.text("again");
    try (Response answer = storefront.get(port(), "/")) {
      assertThat(answer.body().string()).isEqualTo("again");
    }
  }

  private int status(MeshPeer peer) throws IOException {
    try (Response answer = peer.get(port(), "/")) {
      answer.body().bytes(); // OkHttp drops a connection whose unread rest takes over 100 ms
      return answer.code();
    }
  }
}
