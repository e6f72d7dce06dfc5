package io.inmesh.controlplane.config;

import java.util.Map;

/**
 * An endpoint as written in a WorkloadEntry or inside a ServiceEntry.
 *
 * @param ports service port name to the workload's own port; a name that is missing uses the
 *     service's target port
 * @param weight at least 1
 * @param serviceAccount empty for a workload without a proxy
 */
public record Workload(
    String address,
    Map<String, Integer> ports,
    Map<String, String> labels,
    Locality locality,
    int weight,
    String serviceAccount) {}
