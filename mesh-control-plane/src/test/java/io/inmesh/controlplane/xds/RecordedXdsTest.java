package io.inmesh.controlplane.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.inmesh.controlplane.config.ConfigDirectory;
import io.inmesh.controlplane.config.MeshConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The YAML of a recorded scenario gives the xDS that istiod sent for it. Every difference must be
 * one of those named here; all of them are listed and counted in target/xds-differences.txt.
 */
class RecordedXdsTest {
  /** Left out on purpose: Istio's telemetry. Nothing here decides what happens to a request. */
  private static final List<Pattern> NAMED =
      List.of(
          Pattern.compile(
              ".*filters\\[istio\\.(metadata_exchange|stats)\\]")); // peer metadata, Istio's

  // metrics

  @TempDir Path directory;

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "01-plain, storefront-a",
    "01-plain, reviews-v1-a",
    "01-plain, ledger-a",
    "02-weighted-steps, storefront-a",
    "02-weighted-steps, reviews-v1-a",
    "05-peer-authentication, storefront-a",
    "05-peer-authentication, reviews-v1-a",
    "05-peer-authentication, ratings-a",
    "05-peer-authentication, ledger-a",
    "05-peer-authentication, payments-a",
    "09-sidecar-scope, storefront-a",
    "09-sidecar-scope, reviews-v1-a",
    "09-sidecar-scope, payments-a",
    "10-external-services, storefront-a"
  })
  void sameConfigurationSameResources(String scenario, String node) throws Exception {
    Recording recording = new Recording(scenario);
    copy(recording.config());
    compare(scenario, node, 1, recording);
  }

  /**
   * Scenario 02 changes while the stream is open; after each change the client must hold what it
   * held under istiod.
   */
  @Test
  void everyStepOfTheWeightedShift() throws Exception {
    Recording recording = new Recording("02-weighted-steps");
    copy(recording.config());
    for (int step = 2; step <= 9; step++) {
      Path changes = recording.config().resolve("step-" + step);
      if (Files.isDirectory(changes)) {
        copy(changes);
      }
      for (String gone :
          Map.of(
                  4,
                  List.of("reviews-v2.yaml"),
                  6,
                  List.of("virtualservice.yaml"),
                  8,
                  List.of("wallet.yaml"),
                  9,
                  List.of("destinationrule.yaml"))
              .getOrDefault(step, List.of())) {
        Files.delete(directory.resolve(gone));
      }
      compare("02-weighted-steps", "storefront-a", step, recording);
    }
  }

  /**
   * Scenario 16: modes at mesh, namespace, workload and port level, changed while the streams are
   * open.
   */
  @ParameterizedTest
  @CsvSource({"storefront-a", "reviews-v1-a"})
  void everyStepOfChangedPeerAuthentication(String node) throws Exception {
    Recording recording = new Recording("16-peer-authentication-changes");
    ConfigDirectory config = new ConfigDirectory(directory, directory.resolve("last-good"));
    copy(recording.config());
    compare("16-peer-authentication-changes", node, 1, recording, config.scan().config());
    copy(recording.config().resolve("step-2"));
    ConfigDirectory.Scan second = config.scan();
    assertThat(second.refused())
        .as("a second mesh-wide policy, which istiod ignores, is refused")
        .hasSize(1);
    compare("16-peer-authentication-changes", node, 2, recording, second.config());
    Files.delete(directory.resolve("zz-mesh-strict.yaml"));
    for (int step = 3; step <= 4; step++) {
      copy(recording.config().resolve("step-" + step));
      compare("16-peer-authentication-changes", node, step, recording, config.scan().config());
    }
  }

  private void copy(Path from) throws Exception {
    try (var files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(
            file, directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private void compare(String scenario, String node, int step, Recording recording)
      throws Exception {
    compare(scenario, node, step, recording, Recording.read(directory));
  }

  private static void compare(
      String scenario, String node, int step, Recording recording, MeshConfig config)
      throws Exception {
    NodeResources ours = recording.ours(node, config);
    Map<ResourceType, Map<String, Any>> sent = recording.sent(node, step);
    List<String> unnamed = new ArrayList<>();
    Map<String, Integer> counted = new TreeMap<>();
    for (ResourceType type : ResourceType.values()) {
      if (type == ResourceType.SDS) {
        continue; // a sidecar has its own agent for these
      }
      Map<String, Any> recorded = sent.get(type);
      if (type.wildcard()) {
        assertThat(ours.all(type).keySet())
            .as(type + " names")
            .containsExactlyInAnyOrderElementsOf(recorded.keySet());
      }
      if (type == ResourceType.EDS) {
        // istiod goes on answering for a subset that is gone (with every endpoint of the host);
        // nobody can use the answer
        recorded.keySet().retainAll(sent.get(ResourceType.CDS).keySet());
      }
      assertThat(recorded).as("recorded " + type).isNotEmpty();
      recorded.forEach(
          (name, resource) ->
              Differences.between(
                  resource,
                  ours.named(type, name),
                  (path, what) -> {
                    boolean named =
                        NAMED.stream().anyMatch(pattern -> pattern.matcher(path).matches());
                    counted.merge(
                        type + " " + path.replaceAll("\\[\\d+]|#\\d+", "") + ": " + what,
                        1,
                        Integer::sum);
                    if (!named) {
                      unnamed.add(type + " " + name + " " + path + ": " + what);
                    }
                  }));
    }
    report(scenario + " " + node + " step " + step, sent, counted);
    assertThat(unnamed).as("differences that are not named in this test").isEmpty();
  }

  private static void report(
      String title, Map<ResourceType, Map<String, Any>> sent, Map<String, Integer> counted)
      throws Exception {
    List<String> lines = new ArrayList<>();
    int resources = sent.values().stream().mapToInt(Map::size).sum();
    lines.add(
        "== "
            + title
            + ": "
            + resources
            + " resources, "
            + counted.values().stream().mapToInt(Integer::intValue).sum()
            + " differences");
    counted.forEach((what, count) -> lines.add("  " + count + " x " + what));
    Path file = Path.of("target/xds-differences.txt");
    TreeMap<String, List<String>> sections = new TreeMap<>();
    if (Files.exists(file)) {
      String current = "";
      for (String line : Files.readAllLines(file)) {
        current = line.startsWith("== ") ? line : current;
        sections
            .computeIfAbsent(current.replaceFirst(":.*", ""), key -> new ArrayList<>())
            .add(line);
      }
    }
    sections.put(lines.get(0).replaceFirst(":.*", ""), lines);
    List<String> all = new ArrayList<>();
    sections.values().forEach(all::addAll);
    Files.write(file, all);
    assertThat(new TreeSet<>(counted.keySet())).hasSizeLessThan(60);
  }
}
