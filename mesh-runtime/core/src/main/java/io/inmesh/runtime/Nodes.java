package io.inmesh.runtime;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.Setting;
import io.inmesh.proto.envoy.config.core.v3.Locality;
import io.inmesh.proto.envoy.config.core.v3.Node;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The node that this process is to the control plane: an ordinary sidecar (reference: Istio's
 * {@code NodeMetadata}).
 */
final class Nodes {
  /** The Istio version whose shapes of configuration are understood. */
  private static final String ISTIO_VERSION = "1.29.6";

  /** Metadata that Istio's injector gives as {@code ISTIO_META_NAME} and that is true of us too. */
  private static final List<String> PASSED_ON = List.of("MESH_ID", "NETWORK", "OWNER");

  private Nodes() {}

  static Node of(Settings settings) {
    String namespace = settings.require(Setting.NAMESPACE);
    String ip = settings.text(Setting.IP);
    if (ip == null) {
      ip = LocalAddress.guess();
    }
    String name = settings.text(Setting.WORKLOAD);
    if (name == null) {
      name = hostName();
    }
    Map<String, String> labels = PodLabels.of(settings).reported();
    Struct.Builder labelStruct = Struct.newBuilder();
    labels.forEach((key, value) -> labelStruct.putFields(key, text(value)));
    Struct.Builder metadata =
        Struct.newBuilder()
            .putFields("NAMESPACE", text(namespace))
            .putFields("NAME", text(name))
            .putFields("WORKLOAD_NAME", text(workload(settings, labels, name)))
            .putFields("LABELS", Value.newBuilder().setStructValue(labelStruct).build())
            .putFields("INSTANCE_IPS", text(ip))
            .putFields("SERVICE_ACCOUNT", text(settings.require(Setting.SERVICE_ACCOUNT)))
            .putFields("CLUSTER_ID", text(settings.require(Setting.CLUSTER_ID)))
            .putFields("ISTIO_VERSION", text(ISTIO_VERSION))
            .putFields("DISABLE_HBONE_SEND", text("true"))
            .putFields("POD_PORTS", text(ports(settings)))
            .putFields(
                "PROXY_CONFIG",
                Value.newBuilder().setStructValue(Struct.getDefaultInstance()).build());
    for (String key : PASSED_ON) {
      String value = settings.pod().metadata(key);
      if (value != null) {
        metadata.putFields(key, text(value));
      }
    }
    return Node.newBuilder()
        .setId(
            "sidecar~" + ip + "~" + name + "." + namespace + "~" + namespace + ".svc.cluster.local")
        .setCluster(labels.getOrDefault("app", name) + "." + namespace)
        .setLocality(locality(settings))
        .setUserAgentName("inmesh")
        .setMetadata(metadata)
        .build();
  }

  private static String workload(Settings settings, Map<String, String> labels, String name) {
    String known = settings.pod().metadata("WORKLOAD_NAME");
    return known == null ? labels.getOrDefault("app", name) : known;
  }

  /** Istio's own key and form: {@code [{"name":"http","containerPort":8080}]}. */
  private static String ports(Settings settings) {
    String known = settings.pod().metadata("POD_PORTS");
    if (known != null && settings.text(Setting.PORTS) == null) {
      return known;
    }
    return settings.pairs(Setting.PORTS, ':').entrySet().stream()
        .map(
            e -> {
              if (!e.getKey().matches("[a-zA-Z0-9-]+") || !e.getValue().matches("\\d{1,5}")) {
                throw settings.wrong(Setting.PORTS, e.getKey() + ":" + e.getValue(), "name:port");
              }
              return "{\"name\":\"" + e.getKey() + "\",\"containerPort\":" + e.getValue() + "}";
            })
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static Locality locality(Settings settings) {
    Locality.Builder locality = Locality.newBuilder();
    String text = settings.text(Setting.LOCALITY);
    if (text != null) {
      String[] parts = text.split("/");
      locality.setRegion(parts[0]);
      if (parts.length > 1) {
        locality.setZone(parts[1]);
      }
      if (parts.length > 2) {
        locality.setSubZone(parts[2]);
      }
    }
    return locality.build();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
