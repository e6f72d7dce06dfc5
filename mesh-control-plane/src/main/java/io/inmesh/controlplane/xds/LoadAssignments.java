package io.inmesh.controlplane.xds;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.controlplane.config.DestinationRule;
import io.inmesh.controlplane.config.PeerAuthentication.Mode;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.TrafficPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints by cluster, grouped by locality, each saying whether it can be called with mesh TLS.
 */
final class LoadAssignments {
  private final Mesh mesh;
  private final String namespace;

  LoadAssignments(Mesh mesh, String namespace) {
    this.mesh = mesh;
    this.namespace = namespace;
  }

  Map<String, ClusterLoadAssignment> all() {
    Map<String, ClusterLoadAssignment> assignments = new LinkedHashMap<>();
    for (Service service : mesh.services(namespace)) {
      DestinationRule rule = mesh.destinationRule(service.host(), namespace);
      for (ServicePort port : service.entry().ports()) {
        add(
            assignments,
            service,
            port,
            "",
            Map.of(),
            OutboundClusters.policy(rule, "", port.number()));
        if (rule != null) {
          for (DestinationRule.Subset subset : rule.subsets()) {
            TrafficPolicy policy = OutboundClusters.policy(rule, subset.name(), port.number());
            add(assignments, service, port, subset.name(), subset.labels(), policy);
          }
        }
      }
    }
    return assignments;
  }

  private void add(
      Map<String, ClusterLoadAssignment> assignments,
      Service service,
      ServicePort port,
      String subset,
      Map<String, String> labels,
      @Nullable TrafficPolicy policy) {
    Map<io.inmesh.controlplane.config.Locality, List<Endpoint>> localities = new LinkedHashMap<>();
    for (Endpoint endpoint : service.endpoints(port)) {
      if (endpoint.hasLabels(labels)) {
        localities.computeIfAbsent(endpoint.locality(), key -> new ArrayList<>()).add(endpoint);
      }
    }
    String name = OutboundClusters.name(port.number(), subset, service.host());
    ClusterLoadAssignment.Builder assignment =
        ClusterLoadAssignment.newBuilder().setClusterName(name);
    localities.forEach(
        (locality, endpoints) -> {
          LocalityLbEndpoints.Builder group =
              LocalityLbEndpoints.newBuilder()
                  .setLocality(
                      Locality.newBuilder()
                          .setRegion(locality.region())
                          .setZone(locality.zone())
                          .setSubZone(locality.subZone()));
          int weight = 0;
          for (Endpoint endpoint : endpoints) {
            group.addLbEndpoints(endpoint(endpoint, policy));
            weight += endpoint.weight();
          }
          assignment.addEndpoints(group.setLoadBalancingWeight(Protos.uint(weight)));
        });
    assignments.put(name, assignment.build());
  }

  private LbEndpoint.Builder endpoint(Endpoint endpoint, @Nullable TrafficPolicy policy) {
    Metadata.Builder metadata = Metadata.newBuilder();
    if (callWithTls(endpoint, policy)) {
      metadata.putFilterMetadata(
          "envoy.transport_socket_match",
          Struct.newBuilder().putFields("tlsMode", Protos.value("istio")).build());
    }
    Map<String, String> labels = endpoint.labels();
    String canonicalName =
        labels.getOrDefault(
            "service.istio.io/canonical-name",
            labels.getOrDefault(
                "app.kubernetes.io/name", labels.getOrDefault("app", endpoint.workload())));
    String revision =
        labels.getOrDefault(
            "service.istio.io/canonical-revision",
            labels.getOrDefault(
                "app.kubernetes.io/version", labels.getOrDefault("version", "latest")));
    metadata.putFilterMetadata(
        "istio",
        Struct.newBuilder()
            .putFields(
                "workload",
                Protos.value(
                    String.join(
                        ";",
                        endpoint.workload(),
                        endpoint.namespace(),
                        canonicalName,
                        revision,
                        "Kubernetes")))
            .build());
    return LbEndpoint.newBuilder()
        .setEndpoint(
            io.envoyproxy.envoy.config.endpoint.v3.Endpoint.newBuilder()
                .setAddress(Protos.address(endpoint.address(), endpoint.port())))
        .setMetadata(metadata)
        .setLoadBalancingWeight(Protos.uint(endpoint.weight()));
  }

  /**
   * As istiod: what a DestinationRule says, else whether the workload can and its own port allows
   * it.
   */
  private boolean callWithTls(Endpoint endpoint, @Nullable TrafficPolicy policy) {
    if (policy != null && policy.tls() != null) {
      return policy.tls().mutual();
    }
    return endpoint.mutualTls()
        && mesh.modes().mode(endpoint.namespace(), endpoint.labels(), endpoint.port())
            != Mode.DISABLE;
  }
}
