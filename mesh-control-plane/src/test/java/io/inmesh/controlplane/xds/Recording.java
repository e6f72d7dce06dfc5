package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.inmesh.controlplane.config.ConfigDirectory;
import io.inmesh.controlplane.config.MeshConfig;
import io.inmesh.controlplane.config.OutboundPolicy;
import io.inmesh.controlplane.identity.SpiffeId;
import io.inmesh.controlplane.registry.Registration;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What istiod 1.26.1 was given and what it sent, as recorded; and what we make of the same. */
final class Recording {
  private final Path directory;

  Recording(String scenario) {
    this.directory = Path.of("src/test/resources/recordings", scenario);
  }

  Path config() {
    return directory.resolve("config");
  }

  Node node(String name) throws Exception {
    Map<String, Object> json =
        JSONObjectUtils.parse(Files.readString(directory.resolve(name).resolve("node.json")));
    Map<?, ?> locality = (Map<?, ?>) json.get("locality");
    return Node.newBuilder()
        .setId(json.get("id").toString())
        .setLocality(
            Locality.newBuilder()
                .setRegion(locality.get("region").toString())
                .setZone(locality.get("zone").toString()))
        .setMetadata(value(json.get("metadata")).getStructValue())
        .build();
  }

  private static Value value(Object json) {
    if (json instanceof Map<?, ?> map) {
      Struct.Builder struct = Struct.newBuilder();
      map.forEach((key, item) -> struct.putFields(key.toString(), value(item)));
      return Value.newBuilder().setStructValue(struct).build();
    }
    return Value.newBuilder().setStringValue(json.toString()).build();
  }

  Registration registration(String name) throws Exception {
    Node node = node(name);
    String namespace = node.getMetadata().getFieldsOrThrow("NAMESPACE").getStringValue();
    String account = node.getMetadata().getFieldsOrThrow("SERVICE_ACCOUNT").getStringValue();
    return NodeReader.read(node, new SpiffeId("cluster.local", namespace, account));
  }

  /** The client's state after everything up to and including a step. */
  Map<ResourceType, Map<String, Any>> sent(String name, int step) throws Exception {
    Map<ResourceType, Map<String, Any>> state = new EnumMap<>(ResourceType.class);
    for (ResourceType type : ResourceType.values()) {
      state.put(type, new TreeMap<>());
    }
    List<String> index = Files.readAllLines(directory.resolve(name).resolve("index.json"));
    int at = 1; // the first line is a bracket
    try (InputStream in = Files.newInputStream(directory.resolve(name).resolve("delta.bin"))) {
      for (DeltaDiscoveryResponse r;
          (r = DeltaDiscoveryResponse.parseDelimitedFrom(in)) != null;
          at++) {
        if (!index.get(at).contains("\"nonce\":\"" + r.getNonce() + "\"")) {
          throw new AssertionError("index.json does not belong to delta.bin: " + index.get(at));
        }
        int recorded = Integer.parseInt(index.get(at).replaceFirst(".*\"step\":(\\d+).*", "$1"));
        ResourceType type = ResourceType.of(r.getTypeUrl());
        if (recorded > step || type == null) {
          continue;
        }
        Map<String, Any> ofType = state.get(type);
        for (Resource resource : r.getResourcesList()) {
          ofType.put(resource.getName(), resource.getResource());
        }
        r.getRemovedResourcesList().forEach(ofType::remove);
      }
    }
    return state;
  }

  static MeshConfig read(Path directory) throws Exception {
    ConfigDirectory.Scan scan =
        new ConfigDirectory(directory, Files.createTempDirectory("last-good")).scan();
    if (!scan.refused().isEmpty()) {
      throw scan.refused().get(0);
    }
    return scan.config();
  }

  NodeResources ours(String name, MeshConfig config) throws Exception {
    Path mesh = directory.resolve("mesh.yaml");
    OutboundPolicy policy =
        Files.exists(mesh) && Files.readString(mesh).contains("REGISTRY_ONLY")
            ? OutboundPolicy.REGISTRY_ONLY
            : OutboundPolicy.ALLOW_ANY;
    return NodeResources.of(
        new Mesh("cluster.local", policy, config, List.of()),
        registration(name),
        Proxy.SIDECAR,
        Map.of());
  }
}
