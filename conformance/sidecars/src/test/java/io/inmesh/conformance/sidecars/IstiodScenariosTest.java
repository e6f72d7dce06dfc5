package io.inmesh.conformance.sidecars;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The quickstart's scenes under a real istiod, without Kubernetes. Only where {@code ISTIOD_BINARY}
 * names one; skipped, and that is said, everywhere else.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IstiodScenariosTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String URL = "http://reviews.shop:8080/reviews/1";
  private static final int PORT = Shop.freePort();
  private static final List<AutoCloseable> PARTS = new ArrayList<>();
  private static final Map<String, EchoServer> REVIEWS = new LinkedHashMap<>();
  private static Istiod istiod;
  private static OkHttpClient storefront;

  @TempDir static Path directory;

  /** Each workload has an address of its own, since istiod knows a workload by it. */
  private static final Map<String, String> ADDRESSES =
      Map.of(
          "reviews-v1-a", "127.0.1.1",
          "reviews-v1-b", "127.0.1.2",
          "reviews-v2-a", "127.0.1.3",
          "reviews-v2-b", "127.0.1.4",
          "storefront-a", "127.0.1.5",
          "stranger-a", "127.0.1.6");

  @BeforeAll
  static void start() throws Exception {
    istiod = Istiod.start(directory);
    PARTS.add(istiod);
    istiod.write("shop.yaml", shop());
    istiod.write("split.yaml", split(100));
    for (String name : List.of("reviews-v1-a", "reviews-v1-b", "reviews-v2-a", "reviews-v2-b")) {
      Mesh mesh = mesh(name, "reviews", name.substring(8, 10));
      EchoServer server =
          new EchoServer(
              directory.resolve(name),
              ADDRESSES.get(name),
              List.of(PORT),
              tomcat -> mesh.wrap(Tomcat.class, tomcat));
      REVIEWS.put(name, server);
      PARTS.add(server);
    }
    storefront =
        mesh("storefront-a", "storefront", "v1")
            .wrap(OkHttpClient.class, Shop.plain(Protocol.HTTP_1_1));
    await().atMost(SOON).ignoreExceptions().until(() -> call(storefront).status() == 200);
  }

  @AfterAll
  static void stop() throws Exception {
    Collections.reverse(PARTS);
    for (AutoCloseable part : PARTS) {
      part.close();
    }
    PARTS.clear();
  }

  private static Mesh mesh(String name, String account, String version) throws Exception {
    Mesh mesh =
        Mesh.start(
            MeshConfig.builder()
                .controlPlane("127.0.0.1:" + istiod.port)
                .controlPlaneRoots(istiod.roots())
                .tokenFile(istiod.token("shop", account))
                .identity("shop", account)
                .workload(name)
                .labels(Map.of("app", account, "version", version))
                .ip(ADDRESSES.get(name))
                .set(Setting.PORTS, account.equals("reviews") ? "http:" + PORT : "")
                .build());
    PARTS.add(mesh::close);
    return mesh;
  }

  private record Called(int status, String peer, String version, String body) {}

  private static Called call(OkHttpClient client) throws IOException {
    try (Response response = client.newCall(new Request.Builder().url(URL).build()).execute()) {
      String body = response.body().string();
      String peer = body.replaceAll("(?s).*URI=(spiffe://[^;,\\s]+).*", "$1");
      String version = body.replaceAll("(?s).*served by \\S*/reviews-(v\\d).*", "$1");
      return new Called(response.code(), peer, version, body);
    }
  }

  @Test
  @Order(1)
  void eachKnowsTheOtherAndPlaintextIsRefused() throws Exception {
    Called called = call(storefront);
    assertThat(called.peer()).isEqualTo("spiffe://cluster.local/ns/shop/sa/storefront");
    assertThat(called.body()).contains("By=spiffe://cluster.local/ns/shop/sa/reviews;Hash=");
    OkHttpClient plain = Shop.plain(Protocol.HTTP_1_1);
    Request request = new Request.Builder().url("http://127.0.1.1:" + PORT + "/reviews/1").build();
    assertThatThrownBy(() -> plain.newCall(request).execute().close())
        .isInstanceOf(IOException.class);
  }

  @Test
  @Order(2)
  void trafficShiftsWhileLoadRuns() throws Exception {
    Load load = new Load();
    try {
      for (int v1 : new int[] {100, 90, 50, 0}) {
        istiod.write("split.yaml", split(v1));
        int wanted = v1;
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> assertThat(load.share(600)).isCloseTo(wanted / 100.0, within(0.08)));
      }
    } finally {
      load.stop();
    }
    assertThat(load.failed).as("of %d requests", load.count.get()).isEmpty();
  }

  @Test
  @Order(3)
  void aCallerWithoutPermissionIsRefused() throws Exception {
    OkHttpClient stranger =
        mesh("stranger-a", "stranger", "v1")
            .wrap(OkHttpClient.class, Shop.plain(Protocol.HTTP_1_1));
    await().atMost(SOON).ignoreExceptions().until(() -> call(stranger).status() == 403);
    assertThat(call(stranger).body()).isEqualTo("RBAC: access denied");
    assertThat(call(storefront).status()).isEqualTo(200);
  }

  @Test
  @Order(4)
  void istiodIsKilledAndStartedAgain() throws Exception {
    Load load = new Load();
    try {
      load.share(200);
      istiod.kill();
      istiod.awaitEnd();
      load.share(400);
      istiod.write("split.yaml", split(50));
      istiod.up();
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(load.share(400)).isCloseTo(0.5, within(0.1)));
    } finally {
      load.stop();
    }
    assertThat(load.failed).as("of %d requests", load.count.get()).isEmpty();
  }

  @Test
  @Order(5)
  void aDyingInstanceIsHidden() throws Exception {
    Load load = new Load();
    try {
      load.share(200);
      REVIEWS.get("reviews-v2-b").close();
      load.share(1_000);
    } finally {
      load.stop();
    }
    assertThat(load.failed).as("of %d requests", load.count.get()).isEmpty();
  }

  /** Four callers that do nothing else. */
  private static final class Load {
    final List<String> failed = new CopyOnWriteArrayList<>();
    final AtomicInteger count = new AtomicInteger();
    private final Map<String, AtomicInteger> versions = new ConcurrentHashMap<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();

    Load() {
      for (int i = 0; i < 4; i++) {
        Thread thread = new Thread(this::run, "load-" + i);
        threads.add(thread);
        thread.start();
      }
    }

    private void run() {
      while (!stopped.get()) {
        try {
          Called called = call(storefront);
          if (called.status() != 200) {
            failed.add(called.status() + " " + called.body());
          }
          versions.computeIfAbsent(called.version(), v -> new AtomicInteger()).incrementAndGet();
        } catch (IOException e) {
          failed.add(e.toString());
        }
        count.incrementAndGet();
      }
    }

    /** v1's share of so many requests from now. */
    double share(int requests) {
      versions.clear();
      int until = count.get() + requests;
      await().atMost(SOON).until(() -> count.get() >= until);
      int v1 = versions.getOrDefault("v1", new AtomicInteger()).get();
      int all = versions.values().stream().mapToInt(AtomicInteger::get).sum();
      return (double) v1 / all;
    }

    void stop() throws InterruptedException {
      stopped.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static String shop() {
    StringBuilder yaml =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: reviews, namespace: shop}
            spec:
              hosts: [reviews.shop.svc.cluster.local]
              addresses: [10.96.0.10]
              ports: [{number: 8080, name: http, protocol: HTTP, targetPort: %d}]
              location: MESH_INTERNAL
              resolution: STATIC
              workloadSelector: {labels: {app: reviews}}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: reviews, namespace: shop}
            spec:
              host: reviews.shop.svc.cluster.local
              trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3, interval: 1s, baseEjectionTime: 30s, maxEjectionPercent: 50}}
              subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: shop}
            spec: {mtls: {mode: STRICT}}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: reviews, namespace: shop}
            spec:
              selector: {matchLabels: {app: reviews}}
              action: ALLOW
              rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/storefront]}}]}]
            """
                .formatted(PORT));
    ADDRESSES.forEach(
        (name, ip) ->
            yaml.append(
                """
                ---
                apiVersion: networking.istio.io/v1
                kind: WorkloadEntry
                metadata: {name: %1$s, namespace: shop}
                spec: {address: %2$s, serviceAccount: %3$s, labels: {app: %3$s, version: %4$s}}
                """
                    .formatted(
                        name,
                        ip,
                        name.substring(0, name.indexOf('-')),
                        name.contains("v2") ? "v2" : "v1")));
    return yaml.toString();
  }

  private static String split(int v1) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews, namespace: shop}
        spec:
          hosts: [reviews.shop.svc.cluster.local]
          http:
          - route:
            - {destination: {host: reviews.shop.svc.cluster.local, subset: v1}, weight: %d}
            - {destination: {host: reviews.shop.svc.cluster.local, subset: v2}, weight: %d}
            retries: {attempts: 3, retryOn: "connect-failure,refused-stream,reset,503"}
        """
        .formatted(v1, 100 - v1);
  }
}
