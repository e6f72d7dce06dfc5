package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.controlplane.registry.Registration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything one node may ask for, by type and name. Immutable; resources that are equal have equal
 * bytes.
 */
final class NodeResources {
  static final NodeResources EMPTY = new NodeResources(Map.of(), false);

  private final Map<ResourceType, Map<String, Any>> resources;

  private final boolean registryOnly;

  private NodeResources(Map<ResourceType, Map<String, Any>> resources, boolean registryOnly) {
    this.resources = resources;
    this.registryOnly = registryOnly;
  }

  /**
   * @param secrets for a plain Envoy; empty for everybody else
   */
  static NodeResources of(
      Mesh everybody, Registration node, Proxy proxy, Map<String, Any> secrets) {
    Mesh mesh = everybody.seenBy(node);
    Scope scope = new Scope(mesh, node);
    Map<ResourceType, Map<String, Any>> resources = new EnumMap<>(ResourceType.class);
    Map<String, Cluster> clusters = new OutboundClusters(scope).all();
    clusters.put(StaticClusters.BLACK_HOLE, StaticClusters.blackHole());
    clusters.put(StaticClusters.PASSTHROUGH, StaticClusters.passthrough());
    String address = node.addresses().isEmpty() ? "127.0.0.1" : node.addresses().get(0);
    for (InboundPort port : InboundPort.of(scope)) {
      clusters.put(port.cluster(), StaticClusters.inbound(port, address));
    }
    clusters.put(StaticClusters.INBOUND_PASSTHROUGH, StaticClusters.inboundPassthrough());
    Map<String, Listener> listeners = new OutboundListeners(scope, proxy.intercepted()).all();
    listeners.putAll(new InboundListener(scope, proxy.intercepted()).all());
    if (proxy.plainEnvoy()) {
      clusters.replaceAll((name, cluster) -> PlainEnvoy.cluster(cluster));
      listeners.replaceAll((name, listener) -> PlainEnvoy.listener(listener));
    }
    resources.put(ResourceType.SDS, secrets);
    resources.put(ResourceType.CDS, packed(clusters));
    resources.put(ResourceType.EDS, packed(new LoadAssignments(scope).all()));
    resources.put(ResourceType.LDS, packed(listeners));
    resources.put(ResourceType.RDS, packed(new RouteConfigurations(scope).all()));
    return new NodeResources(resources, scope.registryOnly());
  }

  private static Map<String, Any> packed(Map<String, ? extends Message> messages) {
    Map<String, Any> packed = new LinkedHashMap<>();
    messages.forEach((name, message) -> packed.put(name, Protos.any(message)));
    return packed;
  }

  Map<String, Any> all(ResourceType type) {
    return resources.getOrDefault(type, Map.of());
  }

  /**
   * The resource of a name that was asked for; one that is unknown is answered as istiod answers
   * it, empty.
   */
  Any named(ResourceType type, String name) {
    Any known = all(type).get(name);
    if (known != null) {
      return known;
    }
    return type == ResourceType.RDS
        ? Protos.any(RouteConfigurations.unknown(name, registryOnly))
        : Protos.any(ClusterLoadAssignment.newBuilder().setClusterName(name).build());
  }
}
