package io.inmesh.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.controlplane.ControlPlane;
import io.inmesh.controlplane.config.OutboundPolicy;
import io.inmesh.recordings.Recordings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests and connections under the xDS that istiod sent and under the embedded control
 * plane's for the same YAML, both through our own runtime: they have the same outcome. No
 * difference is accepted. The tables are in target/outcomes.
 */
class RecordedOutcomesTest {
  private static final Path REPORTS = Path.of("target/outcomes");
  private static ScheduledExecutorService scheduler;

  @TempDir Path directory;

  /** A table by its title. */
  private record Outcomes(Map<String, OutcomeTable> tables) {
    static Outcomes of(Snapshot resources, String nodeId) {
      MeshUnderTest mesh = new MeshUnderTest(resources, nodeId, scheduler);
      assertThat(mesh.refused).as("what our own store refuses").isEmpty();
      Map<String, OutcomeTable> tables = new LinkedHashMap<>();
      tables.put("request", new OutcomeTable());
      tables.put("connection", new OutcomeTable());
      tables.put("cluster", new OutcomeTable());
      OutboundOutcomes.into(tables.get("request"), mesh);
      InboundOutcomes.into(tables.get("connection"), mesh, InboundOutcomes.ipOf(nodeId));
      ClusterOutcomes.into(tables.get("cluster"), mesh);
      return new Outcomes(tables);
    }

    List<String> differences(Outcomes other) {
      List<String> all = new ArrayList<>();
      tables.forEach(
          (kind, table) ->
              table
                  .differences("recorded", other.tables.get(kind), "embedded")
                  .forEach(difference -> all.add(kind + " " + difference)));
      return all;
    }

    String cell(String kind, String row, String column) {
      return tables.get(kind).cell(row, column);
    }
  }

  @BeforeAll
  static void start() throws IOException {
    Files.createDirectories(REPORTS);
    scheduler = Executors.newSingleThreadScheduledExecutor();
  }

  @AfterAll
  static void stop() {
    scheduler.shutdownNow();
  }

  @Test
  void aPlainMesh() throws Exception {
    everyStep("istio/01-plain", Map.of());
  }

  @Test
  void aWeightedShiftAndEveryChangeAfterIt() throws Exception {
    everyStep(
        "istio/02-weighted-steps",
        Map.of(
            4, "reviews-v2.yaml",
            6, "virtualservice.yaml",
            8, "wallet.yaml",
            9, "destinationrule.yaml"));
  }

  @Test
  void peerAuthenticationAtEveryLevel() throws Exception {
    everyStep("istio/05-peer-authentication", Map.of());
  }

  @Test
  void sidecarsThatNarrowTheMeshAndNameTheirOwnListeners() throws Exception {
    everyStep("istio/09-sidecar-scope", Map.of());
  }

  @Test
  void servicesOutsideTheMesh() throws Exception {
    everyStep("istio/10-external-services", Map.of());
  }

  /** The comparison can fail: another step, another scenario is told apart. */
  @Test
  void whatDiffersIsSaid() {
    Outcomes first = recorded("istio/02-weighted-steps", "storefront-a", 1);
    assertThat(first.differences(recorded("istio/02-weighted-steps", "storefront-a", 1))).isEmpty();
    assertThat(first.differences(recorded("istio/02-weighted-steps", "storefront-a", 2)))
        .isNotEmpty()
        .allSatisfy(
            difference -> assertThat(difference).containsAnyOf(" / clusters\n", " / hosts\n"))
        .anySatisfy(
            difference ->
                assertThat(difference)
                    .startsWith("request GET http://reviews:8080/ / clusters")
                    .contains("embedded: 5"));
    Outcomes strict = recorded("istio/05-peer-authentication", "storefront-a", 1);
    Outcomes permissive = recorded("istio/01-plain", "storefront-a", 1);
    assertThat(strict.differences(permissive))
        .anySatisfy(
            difference ->
                assertThat(difference)
                    .startsWith("connection 18080 plaintext HTTP/1.1 / chain")
                    .contains("recorded: none: closed"));
  }

  /** What equal tables would not show: that requests were answered and peers refused at all. */
  @Test
  void theTablesSayWhatIsKnownOfTheRecordings() {
    Outcomes plain = recorded("istio/01-plain", "storefront-a", 1);
    String reviews = "GET http://reviews:8080/";
    assertThat(plain.cell("request", reviews, "hosts"))
        .matches("\\d+ x 127.0.1.1:18080\n\\d+ x 127.0.1.2:18080\n\\d+ x 127.0.1.6:18080");
    assertThat(plain.cell("request", reviews, "wire"))
        .contains("mTLS as default")
        .contains("SNI outbound_.8080_._.reviews.shop.svc.cluster.local")
        .contains("istio-http/1.1, istio, http/1.1");
    assertThat(plain.cell("request", reviews, "every connection refused"))
        .startsWith("503 [URX,UF]")
        .contains("3 attempts");
    assertThat(plain.cell("request", "GET http://legacy:8080/", "wire")).contains("plaintext");
    assertThat(plain.cell("request", "GET http://example.com:81/", "listener"))
        .contains("left alone")
        .contains("PassthroughCluster");
    Outcomes modes = recorded("istio/05-peer-authentication", "payments-a", 1);
    assertThat(modes.cell("connection", "18080 TLS [h2] no SNI", "chain"))
        .isEqualTo("none: closed");
    assertThat(modes.cell("connection", "18080 plaintext HTTP/1.1", "a request")).startsWith("200");
  }

  private static Outcomes recorded(String scenario, String node, int step) {
    return Outcomes.of(
        Snapshot.recorded(scenario, node, step), Recordings.node(scenario, node).getId());
  }

  /** One control plane, every recorded node connected at once and for all steps. */
  private void everyStep(String scenario, Map<Integer, String> deleted) throws Exception {
    Path config = Files.createDirectory(directory.resolve("config"));
    Path yaml = Recordings.directory(scenario).resolve("config");
    copy(yaml, config);
    List<String> nodes = Recordings.nodes(scenario);
    Map<String, LiveSidecar> sidecars = new LinkedHashMap<>();
    try (ControlPlane plane =
        ControlPlane.builder()
            .configDirectory(config)
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .outboundTrafficPolicy(outboundTrafficPolicy(scenario))
            .start()) {
      try {
        for (String node : nodes) {
          sidecars.put(node, new LiveSidecar(plane, Recordings.node(scenario, node)));
        }
        int last =
            nodes.stream()
                .mapToInt(node -> Recordings.lastStep(scenario, node))
                .max()
                .orElseThrow();
        for (int step = 1; step <= last; step++) {
          if (step > 1) {
            copy(yaml.resolve("step-" + step), config);
          }
          if (deleted.containsKey(step)) {
            Files.delete(config.resolve(deleted.get(step)));
          }
          for (String node : nodes) {
            sameOutcomes(scenario, node, step, sidecars.get(node));
          }
        }
      } finally {
        sidecars.values().forEach(LiveSidecar::close);
      }
    }
  }

  /** istiod's is in its mesh configuration, which is not recorded as a resource. */
  private static OutboundPolicy outboundTrafficPolicy(String scenario) {
    return scenario.equals("istio/09-sidecar-scope")
        ? OutboundPolicy.REGISTRY_ONLY
        : OutboundPolicy.ALLOW_ANY;
  }

  private static void sameOutcomes(String scenario, String node, int step, LiveSidecar live)
      throws IOException {
    Outcomes recorded = recorded(scenario, node, step);
    String id = Recordings.node(scenario, node).getId();
    String title = scenario + " " + node + " step " + step;
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .untilAsserted(
            () -> {
              List<String> differences = recorded.differences(Outcomes.of(live.snapshot(), id));
              assertThat(differences).as(title + "\n" + String.join("\n", differences)).isEmpty();
            });
    assertThat(live.refused).as(title).isEmpty();
    report(title, recorded);
  }

  private static void report(String title, Outcomes outcomes) throws IOException {
    StringBuilder text = new StringBuilder("# " + title + "\n\n");
    text.append("The outcomes under the recorded xDS; those under ours are equal, cell by cell.\n");
    outcomes.tables.forEach((kind, table) -> text.append(table.markdown(kind)));
    Files.writeString(REPORTS.resolve(title.replaceAll("[/ ]", "-") + ".md"), text);
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    List<Path> files;
    try (var all = Files.list(from)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Files.write(to.resolve(file.getFileName().toString()), Files.readAllBytes(file));
    }
  }
}
