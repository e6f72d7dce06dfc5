package io.inmesh.controlplane.config;

import java.util.List;
import java.util.Map;

/**
 * networking.istio.io ServiceEntry, MESH_INTERNAL and STATIC.
 *
 * @param selector labels that choose workloads of the same namespace; empty when {@code endpoints}
 *     lists them
 * @param subjectAltNames accepted besides the workloads' own identities
 */
public record ServiceEntry(
    ObjectMeta meta,
    List<String> hosts,
    List<String> addresses,
    List<ServicePort> ports,
    List<Workload> endpoints,
    Map<String, String> selector,
    Visibility exportTo,
    List<String> subjectAltNames)
    implements MeshObject {}
