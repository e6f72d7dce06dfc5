package io.inmesh.controlplane.config;

import java.util.List;

/**
 * networking.istio.io VirtualService for the mesh gateway, HTTP only. Hosts are fully qualified.
 */
public record VirtualService(
    ObjectMeta meta, List<String> hosts, Visibility exportTo, List<HttpRule> http)
    implements MeshObject {}
