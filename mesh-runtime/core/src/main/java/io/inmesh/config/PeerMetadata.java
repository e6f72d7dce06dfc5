package io.inmesh.config;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Istio's metrics call a workload by. Whatever is not known is empty. Immutable.
 *
 * @param workload the Deployment's name
 * @param canonicalService label {@code service.istio.io/canonical-name}
 * @param canonicalRevision label {@code service.istio.io/canonical-revision}
 * @param cluster the control plane's name of the Kubernetes cluster
 */
public record PeerMetadata(
    String workload,
    String namespace,
    String canonicalService,
    String canonicalRevision,
    String app,
    String version,
    String cluster) {
  private static final String CANONICAL_NAME = "service.istio.io/canonical-name";
  private static final String CANONICAL_REVISION = "service.istio.io/canonical-revision";

  /** Nothing is known of the peer. */
  public static final PeerMetadata UNKNOWN = new PeerMetadata("", "", "", "", "", "", "");

  /**
   * Value of {@code x-envoy-peer-metadata}: base64 of a serialized {@code Struct}.
   *
   * @return null: no such thing
   */
  public static @Nullable PeerMetadata ofHeader(String value) {
    try {
      return of(Struct.parseFrom(Base64.getDecoder().decode(value)));
    } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** Metadata of a node: {@code NAMESPACE}, {@code WORKLOAD_NAME}, {@code LABELS}. */
  public static PeerMetadata of(Struct node) {
    Map<String, Value> fields = node.getFieldsMap();
    Map<String, Value> labels =
        fields.getOrDefault("LABELS", Value.getDefaultInstance()).getStructValue().getFieldsMap();
    return new PeerMetadata(
        text(fields, "WORKLOAD_NAME"),
        text(fields, "NAMESPACE"),
        text(labels, CANONICAL_NAME),
        text(labels, CANONICAL_REVISION),
        text(labels, "app"),
        text(labels, "version"),
        text(fields, "CLUSTER_ID"));
  }

  /**
   * {@code metadata.istio.workload} of an endpoint: {@code
   * name;namespace;canonical-service;canonical-revision;cluster}.
   *
   * @return null: no such thing
   */
  public static @Nullable PeerMetadata ofEndpoint(String encoded) {
    String[] parts = encoded.split(";", -1);
    return parts.length < 5
        ? null
        : new PeerMetadata(parts[0], parts[1], parts[2], parts[3], "", "", parts[4]);
  }

  /**
   * W3C {@code baggage} as Istio's ambient mode fills it.
   *
   * @return null: nothing of Istio's is in it
   */
  public static @Nullable PeerMetadata ofBaggage(String baggage) {
    String[] found = {"", "", "", "", "", "", ""};
    boolean any = false;
    for (String property : baggage.split(",")) {
      int equals = property.indexOf('=');
      int place = equals < 0 ? -1 : place(property.substring(0, equals).strip());
      if (place >= 0) {
        found[place] = property.substring(equals + 1).strip();
        any = true;
      }
    }
    return any
        ? new PeerMetadata(found[0], found[1], found[2], found[3], found[4], found[5], found[6])
        : null;
  }

  private static int place(String key) {
    return switch (key) {
      case "k8s.deployment.name", "k8s.pod.name", "k8s.job.name", "k8s.cronjob.name" -> 0;
      case "k8s.namespace.name" -> 1;
      case "service.name" -> 2;
      case "service.version" -> 3;
      case "app.name" -> 4;
      case "app.version" -> 5;
      case "k8s.cluster.name" -> 6;
      default -> -1;
    };
  }

  /**
   * What a sidecar of that node would send.
   *
   * @param node its metadata; missing canonical names are made as Istio's injector makes them
   */
  public static PeerMetadata local(Struct node) {
    PeerMetadata told = of(node);
    Map<String, Value> labels =
        node.getFieldsMap()
            .getOrDefault("LABELS", Value.getDefaultInstance())
            .getStructValue()
            .getFieldsMap();
    return new PeerMetadata(
        told.workload,
        told.namespace,
        first(
            told.canonicalService, text(labels, "app.kubernetes.io/name"), told.app, told.workload),
        first(
            told.canonicalRevision,
            text(labels, "app.kubernetes.io/version"),
            told.version,
            "latest"),
        told.app,
        told.version,
        told.cluster);
  }

  private static String first(String... candidates) {
    for (String candidate : candidates) {
      if (!candidate.isEmpty()) {
        return candidate;
      }
    }
    return "";
  }

  /** Value of {@code x-envoy-peer-metadata}, as a sidecar writes it. */
  public String header(String instance, String owner) {
    Struct.Builder labels = Struct.newBuilder();
    put(labels, CANONICAL_NAME, canonicalService);
    put(labels, CANONICAL_REVISION, canonicalRevision);
    put(labels, "app", app);
    put(labels, "version", version);
    Struct.Builder all = Struct.newBuilder();
    put(all, "NAME", instance);
    put(all, "NAMESPACE", namespace);
    put(all, "WORKLOAD_NAME", workload);
    put(all, "CLUSTER_ID", cluster);
    put(all, "OWNER", owner);
    all.putFields("LABELS", Value.newBuilder().setStructValue(labels).build());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.useDeterministicSerialization();
      all.build().writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  private static void put(Struct.Builder struct, String key, String value) {
    if (!value.isEmpty()) {
      struct.putFields(key, Value.newBuilder().setStringValue(value).build());
    }
  }

  private static String text(Map<String, Value> fields, String key) {
    Value value = fields.get(key);
    return value == null ? "" : value.getStringValue();
  }
}
