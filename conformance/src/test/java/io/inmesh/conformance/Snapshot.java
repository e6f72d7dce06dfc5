package io.inmesh.conformance;

import com.google.protobuf.ByteString;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.recordings.Recordings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The resources that a node holds at a moment: type URL, name, message. Not thread-safe. */
final class Snapshot {
  /** As a control plane pushes them. */
  private static final List<String> ORDER =
      List.of(ConfigStore.CLUSTER, ConfigStore.ENDPOINTS, ConfigStore.LISTENER, ConfigStore.ROUTES);

  private final Map<String, Map<String, ByteString>> byType = new TreeMap<>();

  /** What a recorded node held at the end of a step. */
  static Snapshot recorded(String scenario, String node, int step) {
    Snapshot snapshot = new Snapshot();
    Recordings.state(scenario, node, step)
        .byType()
        .forEach(
            (type, named) ->
                named.forEach((name, r) -> snapshot.put(type, name, r.getResource().getValue())));
    return snapshot;
  }

  void put(String type, String name, ByteString message) {
    byType.computeIfAbsent(type, t -> new TreeMap<>()).put(name, message);
  }

  void remove(String type, String name) {
    byType.getOrDefault(type, new TreeMap<>()).remove(name);
  }

  boolean holds(String type, String name) {
    return byType.getOrDefault(type, Map.of()).containsKey(name);
  }

  Snapshot copy() {
    Snapshot copy = new Snapshot();
    byType.forEach((type, named) -> named.forEach((name, bytes) -> copy.put(type, name, bytes)));
    return copy;
  }

  /** Gives everything to a store; what it refuses, by name. */
  Map<String, String> feed(ConfigStore store) {
    Map<String, String> refused = new TreeMap<>();
    for (String type : ORDER) {
      List<ConfigResource> resources = new ArrayList<>();
      byType
          .getOrDefault(type, Map.of())
          .forEach((name, bytes) -> resources.add(new ConfigResource(name, bytes)));
      refused.putAll(store.apply(type, resources, List.of(), true));
    }
    return refused;
  }
}
