package io.inmesh.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.Setting;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.identity.TestPki;
import io.inmesh.xds.ReplayServer;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A whole runtime against recorded control planes, over real gRPC; without identity, as the
 * recordings have no CA.
 */
class MeshStartTest {
  @TempDir Path directory;

  private static MeshConfig.Builder config(int port) {
    return MeshConfig.builder()
        .controlPlane("127.0.0.1:" + port)
        .set(Setting.CONTROL_PLANE_PLAINTEXT, "true")
        .set(Setting.IDENTITY, "none")
        .identity("shop", "storefront")
        .ip("127.0.1.3");
  }

  private static Call call(Mesh mesh, String authority, String path) {
    RequestHead head =
        new RequestHead("GET", "http", authority, path, new Headers(), Protocol.HTTP11);
    return ((MeshRuntime) mesh)
        .calls()
        .outbound(
            head,
            BodyTraits.NONE,
            CallContext.NONE,
            Capabilities.BASIC,
            () -> {},
            System.nanoTime());
  }

  /** The subset that a call goes to: the cluster's name says it. */
  private static String subset(Mesh mesh) {
    Call call = call(mesh, "reviews.shop:8080", "/");
    Command command = call.poll(System.nanoTime());
    String cluster = call.outcome().cluster();
    if (command instanceof Command.Start start) {
      call.on(
          new Event.Head(start.attempt(), new ResponseHead(200, new Headers()), true),
          System.nanoTime());
    }
    while (!(command instanceof Command.Done)) {
      command = call.poll(System.nanoTime());
    }
    return cluster.split("\\|")[2];
  }

  @Test
  void callsFollowARecordedIstiodThroughItsChanges() throws Exception {
    try (ReplayServer istiod = ReplayServer.start("istio/02-weighted-steps", "storefront-a");
        Mesh mesh = Mesh.start(config(istiod.port()).build())) {
      assertThat(mesh.status().ready()).isTrue();
      assertThat(mesh.status().connected()).isTrue();
      TreeSet<String> seen = new TreeSet<>();
      for (int i = 0; i < 400; i++) {
        seen.add(subset(mesh));
      }
      assertThat(seen).as("90/10").containsExactly("v1", "v2");
      istiod.advanceTo(2);
      istiod.advanceTo(3);
      await().untilAsserted(() -> assertThat(subset(mesh)).isEqualTo("v2"));
      for (int i = 0; i < 100; i++) {
        assertThat(subset(mesh)).as("0/100").isEqualTo("v2");
      }
    }
  }

  @Test
  void whatTheMeshDoesNotKnowPassesAndLoopbackIsLeftAlone() throws Exception {
    try (ReplayServer istiod = ReplayServer.start("istio/01-plain", "storefront-a");
        Mesh mesh = Mesh.start(config(istiod.port()).set(Setting.EXCLUDE, "kept.out").build())) {
      assertThat(call(mesh, "127.0.0.1:8080", "/")).isNull();
      assertThat(call(mesh, "localhost:8080", "/")).isNull();
      assertThat(call(mesh, "[::1]:8080", "/")).isNull();
      assertThat(call(mesh, "kept.out:8080", "/")).isNull();
      Call known = call(mesh, "reviews.shop.svc.cluster.local:8080", "/");
      assertThat(known.poll(System.nanoTime())).isInstanceOf(Command.Start.class);
      assertThat(known.outcome().cluster())
          .isEqualTo("outbound|8080||reviews.shop.svc.cluster.local");
      known.on(new Event.CallerGone(), System.nanoTime());
    }
  }

  @Test
  void nobodyThereIsSaidWithinTheLimit() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    MeshConfig config =
        config(port).startLimit(Duration.ofMillis(300), MeshConfig.OnStartLimit.FAIL).build();
    assertThatThrownBy(() -> Mesh.start(config))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("has not started within PT0.3S")
        .hasMessageContaining("no complete configuration")
        .hasMessageContaining("127.0.0.1:" + port);
  }

  @Test
  void aFallbackServesWhenTheFirstIsNotThere() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (ReplayServer second = ReplayServer.start("istio/02-weighted-steps", "storefront-a");
        Mesh mesh =
            Mesh.start(
                config(port)
                    .set(Setting.CONTROL_PLANE_FALLBACKS, "127.0.0.1:" + second.port())
                    .build())) {
      assertThat(mesh.status().ready()).isTrue();
      assertThat(subset(mesh)).isIn("v1", "v2");
    }
  }

  @Test
  void waitingIsASetting() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    MeshConfig config =
        config(port).startLimit(Duration.ofMillis(50), MeshConfig.OnStartLimit.WAIT).build();
    try (Mesh mesh = Mesh.start(config)) {
      assertThat(mesh.status().ready()).isFalse();
      Call call = call(mesh, "reviews.shop:8080", "/");
      assertThat(call).as("nothing goes out in clear meanwhile").isNotNull();
      assertThat(((Command.Reply) call.poll(System.nanoTime())).head().status()).isEqualTo(503);
      try (ReplayServer late = ReplayServer.start("istio/01-plain", "storefront-a", port)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(mesh.status().ready()).isTrue());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "istio/01-plain",
        "istio/04-destinationrule",
        "istio/10-external-services",
        "istio/16-peer-authentication-changes"
      })
  void aStartIsToldInAtMostTenLines(String scenario) throws Exception {
    TestPki.create().leaf("spiffe://cluster.local/ns/shop/sa/storefront").write(directory);
    try (CapturedLog log = new CapturedLog();
        ReplayServer istiod = ReplayServer.start(scenario, "storefront-a");
        Mesh mesh =
            Mesh.start(
                config(istiod.port())
                    .set(Setting.IDENTITY, "files")
                    .set(Setting.IDENTITY_CHAIN_FILE, directory + "/cert-chain.pem")
                    .set(Setting.IDENTITY_KEY_FILE, directory + "/key.pem")
                    .set(Setting.IDENTITY_ROOTS_FILE, directory + "/root-cert.pem")
                    .startLimit(Duration.ofSeconds(20), MeshConfig.OnStartLimit.FAIL)
                    .build())) {
      await().until(istiod::settled);
      assertThat(log.lines("INFO"))
          .anySatisfy(line -> assertThat(line).contains("in the mesh"))
          .anySatisfy(line -> assertThat(line).contains("workload certificate received"))
          .hasSizeLessThanOrEqualTo(10);
      assertThat(mesh.status().ready()).isTrue();
    }
  }

  @Test
  void switchedOffItGivesBackWhatItGets() {
    try (Mesh mesh = Mesh.start(MeshConfig.builder().enabled(false).build())) {
      StringBuilder anything = new StringBuilder();
      assertThat(mesh.wrap(StringBuilder.class, anything)).isSameAs(anything);
      assertThat(mesh.status().enabled()).isFalse();
    }
  }

  @Test
  void whatNobodyWrapsIsSaid() throws Exception {
    try (ReplayServer istiod = ReplayServer.start("istio/01-plain", "storefront-a");
        Mesh mesh = Mesh.start(config(istiod.port()).build())) {
      assertThatThrownBy(() -> mesh.wrap(StringBuilder.class, new StringBuilder()))
          .isInstanceOf(MeshException.class)
          .hasMessageContaining("no adapter on the class path wraps java.lang.StringBuilder");
    }
  }

  @Test
  void missingRootsAreNamed() {
    MeshConfig config =
        MeshConfig.builder()
            .controlPlane("127.0.0.1:1")
            .controlPlaneRoots(Path.of("/no/such"))
            .build();
    assertThatThrownBy(() -> Mesh.start(config))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("/no/such")
        .hasMessageContaining("inmesh.control-plane.roots-file");
  }
}
