package io.inmesh.recordings;

import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The recorded conversations. A scenario is named with its control plane, {@code
 * istio/02-weighted-steps}; a node by its directory, {@code storefront-a}. Steps count from 1. Safe
 * for use by several threads.
 */
public final class Recordings {
  private static final Path ROOT = root();

  private Recordings() {}

  /** One response as index.json describes it; {@code type} is CDS, EDS, LDS, RDS, SDS or ECDS. */
  public record Entry(
      int step, String type, String nonce, List<String> resources, List<String> removed) {}

  /** One request as the recorder sent it, after {@code afterResponses} responses had arrived. */
  public record Request(int step, int afterResponses, String type, Map<String, Object> json) {}

  /** All scenarios of all control planes that have a node, sorted. */
  public static List<String> scenarios() {
    List<String> all = new ArrayList<>();
    for (Path plane : directories(ROOT)) {
      all.addAll(scenarios(name(plane)));
    }
    return all;
  }

  /**
   * The scenarios of one control plane: {@code istio}, {@code istio-gateway-api} or {@code kuma}.
   */
  public static List<String> scenarios(String plane) {
    return directories(ROOT.resolve(plane)).stream()
        .map(d -> plane + "/" + name(d))
        .filter(s -> !nodes(s).isEmpty())
        .toList();
  }

  /** The nodes that were recorded in a scenario, sorted. */
  public static List<String> nodes(String scenario) {
    return directories(directory(scenario)).stream()
        .filter(d -> Files.exists(d.resolve("delta.bin")))
        .map(Recordings::name)
        .toList();
  }

  /** The scenario's directory, for its YAML (may be inside a jar). */
  public static Path directory(String scenario) {
    return ROOT.resolve(scenario);
  }

  /** The xDS node that asked. */
  public static Node node(String scenario, String node) {
    return JsonValues.node(Json.map(Json.read(file(scenario, node, "node.json"))));
  }

  /** What arrived, in order, over all steps. */
  public static List<DeltaDiscoveryResponse> responses(String scenario, String node) {
    try (InputStream in = Files.newInputStream(file(scenario, node, "delta.bin"))) {
      List<DeltaDiscoveryResponse> all = new ArrayList<>();
      for (DeltaDiscoveryResponse r;
          (r = DeltaDiscoveryResponse.parseDelimitedFrom(in)) != null; ) {
        all.add(r);
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The state-of-the-world responses, where they were kept; empty otherwise. */
  public static List<DiscoveryResponse> stateOfTheWorld(String scenario, String node) {
    Path file = file(scenario, node, "sotw.bin");
    if (!Files.exists(file)) {
      return List.of();
    }
    try (InputStream in = Files.newInputStream(file)) {
      List<DiscoveryResponse> all = new ArrayList<>();
      for (DiscoveryResponse r; (r = DiscoveryResponse.parseDelimitedFrom(in)) != null; ) {
        all.add(r);
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What index.json says of each response; the n-th entry describes the n-th response. */
  public static List<Entry> index(String scenario, String node) {
    return Json.list(Json.read(file(scenario, node, "index.json"))).stream()
        .map(Json::map)
        .map(
            e ->
                new Entry(
                    Json.integer(e.get("step")),
                    Json.string(e.get("type")),
                    Json.string(e.get("nonce")),
                    Json.strings(e.get("resources")),
                    Json.strings(e.get("removed"))))
        .toList();
  }

  /** The number of the last step. */
  public static int lastStep(String scenario, String node) {
    return index(scenario, node).stream().mapToInt(Entry::step).max().orElse(1);
  }

  /** What was asked, in order. */
  public static List<Request> requests(String scenario, String node) {
    return Json.list(Json.read(file(scenario, node, "requests.json"))).stream()
        .map(Json::map)
        .map(
            r ->
                new Request(
                    Json.integer(r.get("step")),
                    Json.integer(r.get("afterResponses")),
                    Json.string(r.get("type")),
                    Json.map(r.get("request"))))
        .toList();
  }

  /** What is in force after a step: for each type URL, the resources by name. */
  public static State state(String scenario, String node, int step) {
    List<Entry> index = index(scenario, node);
    List<DeltaDiscoveryResponse> responses = responses(scenario, node);
    Map<String, Map<String, Resource>> byType = new LinkedHashMap<>();
    for (int i = 0; i < responses.size() && index.get(i).step() <= step; i++) {
      DeltaDiscoveryResponse response = responses.get(i);
      Map<String, Resource> byName =
          byType.computeIfAbsent(response.getTypeUrl(), t -> new LinkedHashMap<>());
      response.getRemovedResourcesList().forEach(byName::remove);
      response.getResourcesList().forEach(r -> byName.put(r.getName(), r));
    }
    return new State(byType);
  }

  /** The state after the last step. */
  public static State state(String scenario, String node) {
    return state(scenario, node, Integer.MAX_VALUE);
  }

  /** Resources in force, by type URL and name, in the order in which they first came. */
  public record State(Map<String, Map<String, Resource>> byType) {
    /** {@code envoy.config.cluster.v3.Cluster} and the like, without the type.googleapis.com/. */
    public Map<String, Resource> ofType(String messageName) {
      return byType.getOrDefault("type.googleapis.com/" + messageName, Map.of());
    }

    /** The resource of this name, if it is in force. */
    public Optional<Resource> find(String messageName, String name) {
      return Optional.ofNullable(ofType(messageName).get(name));
    }
  }

  private static Path file(String scenario, String node, String file) {
    return ROOT.resolve(scenario).resolve(node).resolve(file);
  }

  private static List<Path> directories(Path parent) {
    try (Stream<Path> s = Files.list(parent)) {
      return s.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("no such recording: " + parent, e);
    }
  }

  private static String name(Path directory) {
    String n = directory.getFileName().toString();
    return n.endsWith("/") ? n.substring(0, n.length() - 1) : n; // zip file systems add a slash
  }

  private static Path root() {
    try {
      URI readme =
          Objects.requireNonNull(
                  Recordings.class.getResource("/recordings/README.md"), "recordings/README.md")
              .toURI();
      if (readme.getScheme().equals("jar")) {
        try {
          FileSystems.newFileSystem(readme, Map.of());
        } catch (FileSystemAlreadyExistsException e) {
          // somebody else opened the same jar: its file system is shared
        }
      }
      return Objects.requireNonNull(Path.of(readme).getParent());
    } catch (Exception e) {
      throw new IllegalStateException("the recordings are not on the class path", e);
    }
  }
}
