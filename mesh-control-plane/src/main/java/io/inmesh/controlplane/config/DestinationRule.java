package io.inmesh.controlplane.config;

import java.util.List;
import java.util.Map;

/** networking.istio.io DestinationRule. The host is fully qualified. */
public record DestinationRule(
    ObjectMeta meta, String host, Visibility exportTo, TrafficPolicy policy, List<Subset> subsets)
    implements MeshObject {

  /** Workloads of the host with these labels. */
  public record Subset(String name, Map<String, String> labels, TrafficPolicy policy) {}
}
