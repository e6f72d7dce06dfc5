package io.inmesh.controlplane.xds;

import io.inmesh.controlplane.config.Locality;
import java.util.Map;

/**
 * One address of one port of a service.
 *
 * @param mutualTls whether the workload can be called with mesh TLS, before PeerAuthentication is
 *     asked
 * @param nodeId the registered workload's node, empty for one that was written down
 */
record Endpoint(
    String address,
    int port,
    Map<String, String> labels,
    Locality locality,
    int weight,
    String namespace,
    String serviceAccount,
    String workload,
    boolean mutualTls,
    String nodeId) {

  boolean hasLabels(Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }
}
