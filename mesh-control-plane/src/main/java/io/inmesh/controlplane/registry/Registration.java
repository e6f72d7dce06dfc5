package io.inmesh.controlplane.registry;

import io.inmesh.controlplane.config.Locality;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workload as its node described it; namespace and service account are proven.
 *
 * @param serviceAccount from the credentials, never from the node's own words
 * @param ports what the workload listens on; null when it did not say, so that the services' target
 *     ports hold
 */
public record Registration(
    String nodeId,
    String namespace,
    String serviceAccount,
    String name,
    Map<String, String> labels,
    List<String> addresses,
    @Nullable List<Port> ports,
    Locality locality) {

  /** A port as in Istio's POD_PORTS; the name may be empty. */
  public record Port(String name, int number) {}

  /** Another identity cannot take over a node id. */
  String key() {
    return namespace + "/" + serviceAccount + " " + nodeId;
  }
}
