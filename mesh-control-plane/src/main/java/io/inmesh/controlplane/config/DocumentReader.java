package io.inmesh.controlplane.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads one file. Pure functions. */
final class DocumentReader {
  static final String ROOT_NAMESPACE = "istio-system";
  private static final Set<String> NETWORKING =
      Set.of(
          "networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3");
  private static final Set<String> SECURITY =
      Set.of("security.istio.io/v1", "security.istio.io/v1beta1");
  private static final Map<String, Set<String>> KINDS =
      Map.of(
          "ServiceEntry", NETWORKING,
          "Sidecar", NETWORKING,
          "WorkloadEntry", NETWORKING,
          "VirtualService", NETWORKING,
          "DestinationRule", NETWORKING,
          "PeerAuthentication", SECURITY,
          "AuthorizationPolicy", SECURITY,
          "ServiceAccount", Set.of("v1"));

  private DocumentReader() {}

  /** All documents of the file, or the first refusal. */
  static List<MeshObject> read(String file, String text) throws ConfigRefused {
    List<ConfigRefused> refused = new ArrayList<>();
    List<MeshObject> objects = read(file, text, refused);
    if (!refused.isEmpty()) {
      throw refused.get(0);
    }
    return objects;
  }

  /** The documents that can be used; the refusals of the others are added. */
  static List<MeshObject> read(String file, String text, List<ConfigRefused> refused) {
    LoadSettings settings = LoadSettings.builder().setLabel(file).setUseMarks(true).build();
    List<MeshObject> objects = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    try {
      for (Node node : new Compose(settings).composeAllFromString(text)) {
        if (Tag.NULL.equals(node.getTag())) {
          continue; // an empty document between two separators
        }
        try {
          MeshObject object = document(Value.of(file, "", node));
          Integer earlier = seen.put(object.meta().key(), object.meta().line());
          if (earlier != null) {
            throw new ConfigRefused(
                file,
                object.meta().line(),
                "",
                object.meta().key() + " is already given in line " + earlier);
          }
          objects.add(object);
        } catch (ConfigRefused e) {
          refused.add(e);
        }
      }
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      refused.add(new ConfigRefused(file, line, "", "this is not YAML: " + e.getProblem()));
    } catch (YamlEngineException e) {
      refused.add(new ConfigRefused(file, 0, "", "this is not YAML: " + e.getMessage()));
    } catch (StackOverflowError e) {
      refused.add(new ConfigRefused(file, 0, "", "nested too deeply"));
    }
    return List.copyOf(objects);
  }

  private static MeshObject document(Value document) throws ConfigRefused {
    Fields fields = document.map();
    Value version = fields.require("apiVersion");
    Value kindValue = fields.require("kind");
    String kind = kindValue.nonEmpty();
    Set<String> versions = KINDS.get(kind);
    if (versions == null) {
      throw kindValue.refused(
          "kind "
              + kind
              + " is not implemented by the embedded control plane; known: "
              + KINDS.keySet().stream().sorted().toList());
    }
    if (!versions.contains(version.nonEmpty())) {
      throw version.refused(
          "apiVersion of a " + kind + " must be one of " + versions.stream().sorted().toList());
    }
    ObjectMeta meta = meta(kind, document, fields.require("metadata").map());
    if (kind.equals("ServiceAccount")) {
      fields.done();
      return new ServiceAccount(meta);
    }
    Value specValue = fields.get("spec");
    if (specValue == null) {
      throw document.refused(
          "the field \"spec\" is missing; write spec: {} if it is meant to be empty");
    }
    Fields spec = specValue.map();
    fields.done();
    return switch (kind) {
      case "ServiceEntry" -> ServiceReader.serviceEntry(meta, spec);
      case "WorkloadEntry" -> ServiceReader.workloadEntry(meta, spec);
      case "VirtualService" -> VirtualServiceReader.read(meta, spec);
      case "Sidecar" -> SidecarReader.read(meta, spec);
      case "DestinationRule" -> DestinationRuleReader.read(meta, spec);
      case "PeerAuthentication" -> SecurityReader.peerAuthentication(meta, spec);
      case "AuthorizationPolicy" -> SecurityReader.authorizationPolicy(meta, spec);
      default -> throw new IllegalStateException(kind);
    };
  }

  private static ObjectMeta meta(String kind, Value document, Fields metadata)
      throws ConfigRefused {
    String name = Names.object(metadata.require("name"));
    Value namespace = metadata.get("namespace");
    Value labels = metadata.get("labels");
    if (labels != null) {
      labels.textMap();
    }
    Value annotations = metadata.get("annotations");
    if (annotations != null) {
      for (Map.Entry<String, Value> annotation : annotations.map().all().entrySet()) {
        annotation.getValue().anyText();
        if (annotation.getKey().contains("istio.io/")) {
          throw annotation
              .getValue()
              .refused(
                  "the annotation "
                      + annotation.getKey()
                      + " has a meaning that is not implemented here");
        }
      }
    }
    metadata.done();
    return new ObjectMeta(
        kind,
        namespace == null ? "default" : Names.label(namespace),
        name,
        document.file(),
        document.line());
  }
}
