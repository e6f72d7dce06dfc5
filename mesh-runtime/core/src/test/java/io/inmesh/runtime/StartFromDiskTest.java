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
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.xds.ReplayServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code inmesh.on-start-limit=last-known-good}: whole runtimes, with and without a recorded
 * istiod.
 */
class StartFromDiskTest {
  private static final String SCENARIO = "istio/02-weighted-steps";

  @TempDir Path directory;

  private MeshConfig.Builder config(int port) {
    return MeshConfig.builder()
        .controlPlane("127.0.0.1:" + port)
        .set(Setting.CONTROL_PLANE_PLAINTEXT, "true")
        .set(Setting.IDENTITY, "none")
        .set(Setting.LAST_KNOWN_GOOD_FILE, file().toString())
        .identity("shop", "storefront")
        .workload("storefront-1")
        .ip("127.0.1.3")
        .startLimit(Duration.ofSeconds(20), MeshConfig.OnStartLimit.LAST_KNOWN_GOOD);
  }

  private MeshConfig.Builder silent(int port) {
    return config(port).startLimit(Duration.ofMillis(200), MeshConfig.OnStartLimit.LAST_KNOWN_GOOD);
  }

  private Path file() {
    return directory.resolve("inmesh").resolve("last-known-good");
  }

  /** Runs once with a control plane, which is gone afterwards. */
  private int filled() {
    try (ReplayServer istiod = ReplayServer.start(SCENARIO, "storefront-a");
        Mesh mesh = Mesh.start(config(istiod.port()).build())) {
      assertThat(subsets(mesh)).containsExactly("v1", "v2");
      mesh.close();
      assertThat(file()).exists();
      return istiod.port();
    }
  }

  private static Call call(Mesh mesh) {
    RequestHead head =
        new RequestHead("GET", "http", "reviews.shop:8080", "/", new Headers(), Protocol.HTTP11);
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

  /** Where calls go. */
  private static TreeSet<String> subsets(Mesh mesh) {
    TreeSet<String> seen = new TreeSet<>();
    for (int i = 0; i < 300; i++) {
      Call call = call(mesh);
      Command command = call.poll(System.nanoTime());
      assertThat(command).isInstanceOf(Command.Start.class);
      seen.add(call.outcome().cluster().split("\\|")[2]);
      call.on(new Event.CallerGone(), System.nanoTime());
    }
    return seen;
  }

  @Test
  void aSilentControlPlaneIsReplacedByTheFileUntilItSpeaks() throws Exception {
    int port = filled();
    try (CapturedLog log = new CapturedLog();
        Mesh mesh = Mesh.start(silent(port).build())) {
      assertThat(mesh.status().ready()).isTrue();
      assertThat(mesh.status().connected()).isFalse();
      assertThat(subsets(mesh)).as("what was in force before").containsExactly("v1", "v2");
      assertThat(log.lines("WARN"))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("the last known good configuration is in force, PT")
                      .contains(file().toString()));

      try (ReplayServer late = ReplayServer.start(SCENARIO, "storefront-a", port)) {
        late.advanceTo(2);
        late.advanceTo(3);
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(subsets(mesh)).containsExactly("v2"));
        assertThat(mesh.status().connected()).isTrue();
        assertThat(log.lines("INFO"))
            .anySatisfy(line -> assertThat(line).contains("the control plane answers"));
        assertThat(late.answers().values()).noneMatch(answer -> answer.hasErrorDetail());
        mesh.close();
      }
    }
    try (Mesh mesh = Mesh.start(silent(port).build())) {
      assertThat(subsets(mesh)).as("the file followed").containsExactly("v2");
    }
  }

  @Test
  void withoutAFileItFailsAndSaysWhere() throws Exception {
    int port;
    try (ReplayServer gone = ReplayServer.start(SCENARIO, "storefront-a")) {
      port = gone.port();
    }
    assertThatThrownBy(() -> Mesh.start(silent(port).build()))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("has not started within")
        .hasMessageContaining("nothing usable in " + file());
  }

  @Test
  void aDamagedOrForeignFileIsAsIfItWereAbsentAndNamed() throws Exception {
    int port = filled();
    try (CapturedLog log = new CapturedLog()) {
      assertThatThrownBy(() -> Mesh.start(silent(port).workload("storefront-2").build()))
          .hasMessageContaining("nothing usable in");
      assertThat(log.lines("ERROR"))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains(file().toString())
                      .contains("was written for node 'sidecar~127.0.1.3~storefront-1.shop"));
    }
    byte[] bytes = Files.readAllBytes(file());
    bytes[bytes.length / 2] ^= 1;
    Files.write(file(), bytes);
    try (CapturedLog log = new CapturedLog()) {
      assertThatThrownBy(() -> Mesh.start(silent(port).build()))
          .hasMessageContaining("nothing usable in");
      assertThat(log.lines("ERROR"))
          .anySatisfy(line -> assertThat(line).contains(file() + " is damaged or truncated"));
    }
  }

  @Test
  void withoutACertificateNothingGoesOutInClear() {
    int port = filled();
    MeshConfig config =
        silent(port)
            .set(Setting.IDENTITY, "files")
            .set(Setting.IDENTITY_CHAIN_FILE, directory.resolve("none.pem").toString())
            .set(Setting.IDENTITY_KEY_FILE, directory.resolve("none.key").toString())
            .set(Setting.IDENTITY_ROOTS_FILE, directory.resolve("none.pem").toString())
            .build();
    try (Mesh mesh = Mesh.start(config)) {
      assertThat(mesh.status().ready()).as("no certificate").isFalse();
      Call call = call(mesh);
      Command.Start start = (Command.Start) call.poll(System.nanoTime());
      assertThat(start.wire().tls()).as("mTLS is wanted").isNotNull();
      assertThatThrownBy(() -> ((MeshRuntime) mesh).outbound().context(start.wire()))
          .isInstanceOf(IdentityUnavailableException.class);
      call.on(new Event.CallerGone(), System.nanoTime());
    }
  }

  @Test
  void whereToKeepItIsAskedFor() {
    MeshConfig config =
        MeshConfig.builder()
            .controlPlane("127.0.0.1:1")
            .set(Setting.ON_START_LIMIT, "last-known-good")
            .build();
    assertThatThrownBy(() -> Mesh.start(config))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("inmesh.last-known-good.file");
  }
}
