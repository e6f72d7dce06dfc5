package io.inmesh.controlplane.xds;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.controlplane.config.DestinationRule;
import io.inmesh.controlplane.config.PeerAuthentication.Mode;
import io.inmesh.controlplane.config.ServiceEntry.Resolution;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.TrafficPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints by cluster, grouped by locality, each saying whether it can be called with mesh TLS.
 */
final class LoadAssignments {
  private static final Comparator<io.inmesh.controlplane.config.Locality> BY_NAME =
      Comparator.comparing(io.inmesh.controlplane.config.Locality::region)
          .thenComparing(io.inmesh.controlplane.config.Locality::zone)
          .thenComparing(io.inmesh.controlplane.config.Locality::subZone);

  private final Scope scope;
  private final Mesh mesh;

  LoadAssignments(Scope scope) {
    this.scope = scope;
    this.mesh = scope.mesh();
  }

  Map<String, ClusterLoadAssignment> all() {
    Map<String, ClusterLoadAssignment> assignments = new LinkedHashMap<>();
    for (Service service : scope.services()) {
      if (service.entry().resolution() != Resolution.STATIC) {
        continue;
      }
      DestinationRule rule = scope.destinationRule(service.host());
      for (ServicePort port : service.ports()) {
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
    String name = OutboundClusters.name(port.number(), subset, service.host());
    assignments.put(name, assignment(name, service, port, labels, policy));
  }

  ClusterLoadAssignment assignment(
      String name,
      Service service,
      ServicePort port,
      Map<String, String> labels,
      @Nullable TrafficPolicy policy) {
    // In an order that depends on nothing else, so that nobody is sent what has not changed.
    Map<io.inmesh.controlplane.config.Locality, List<Endpoint>> localities = new TreeMap<>(BY_NAME);
    for (Endpoint endpoint : service.endpoints(port)) {
      if (endpoint.hasLabels(labels)) {
        localities.computeIfAbsent(endpoint.locality(), key -> new ArrayList<>()).add(endpoint);
      }
    }
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
          endpoints.sort(Comparator.comparing(Endpoint::address).thenComparing(Endpoint::port));
          for (Endpoint endpoint : endpoints) {
            group.addLbEndpoints(endpoint(service, endpoint, policy));
            weight += endpoint.weight();
          }
          assignment.addEndpoints(group.setLoadBalancingWeight(Protos.uint(weight)));
        });
    return assignment.build();
  }

  private LbEndpoint.Builder endpoint(
      Service service, Endpoint endpoint, @Nullable TrafficPolicy policy) {
    Metadata.Builder metadata = Metadata.newBuilder();
    if (!service.entry().external() && callWithTls(endpoint, policy)) {
      metadata.putFilterMetadata(
          "envoy.transport_socket_match",
          Struct.newBuilder().putFields("tlsMode", Protos.value("istio")).build());
    }
    metadata.putFilterMetadata(
        "istio",
        Struct.newBuilder().putFields("workload", Protos.value(workload(endpoint))).build());
    return LbEndpoint.newBuilder()
        .setEndpoint(
            io.envoyproxy.envoy.config.endpoint.v3.Endpoint.newBuilder()
                .setAddress(address(endpoint)))
        .setMetadata(metadata)
        .setLoadBalancingWeight(Protos.uint(endpoint.weight()));
  }

  private static Address address(Endpoint endpoint) {
    String scheme = "unix://";
    return endpoint.address().startsWith(scheme)
        ? Address.newBuilder()
            .setPipe(Pipe.newBuilder().setPath(endpoint.address().substring(scheme.length())))
            .build()
        : Protos.address(endpoint.address(), endpoint.port());
  }

  /** name;namespace;canonical name;canonical revision;cluster, which is what telemetry shows. */
  private static String workload(Endpoint endpoint) {
    Map<String, String> labels = endpoint.labels();
    if (endpoint.workload().isEmpty()) {
      return ";;;;Kubernetes"; // listed inside a ServiceEntry, so nothing is known of it
    }
    String name =
        labels.getOrDefault(
            "app.kubernetes.io/name", labels.getOrDefault("app", endpoint.workload()));
    String revision =
        labels.getOrDefault("app.kubernetes.io/version", labels.getOrDefault("version", "latest"));
    return String.join(
        ";",
        endpoint.workload(),
        endpoint.namespace(),
        labels.getOrDefault("service.istio.io/canonical-name", name),
        labels.getOrDefault("service.istio.io/canonical-revision", revision),
        "Kubernetes");
  }

  /**
   * As istiod: what a DestinationRule says, else whether the workload can and its own port allows
   * it.
   */
  private boolean callWithTls(Endpoint endpoint, @Nullable TrafficPolicy policy) {
    if (policy != null && policy.tls() != null) {
      return policy.tls().mesh();
    }
    return endpoint.mutualTls()
        && mesh.modes().mode(endpoint.namespace(), endpoint.labels(), endpoint.port())
            != Mode.DISABLE;
  }
}
