package io.inmesh.controlplane.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig;
import io.envoyproxy.envoy.type.v3.Percent;
import io.inmesh.controlplane.config.DestinationRule;
import io.inmesh.controlplane.config.PeerAuthentication.Mode;
import io.inmesh.controlplane.config.ServiceEntry.Resolution;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.TrafficPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code outbound|port|subset|host}: one cluster for every port and subset of a service. */
final class OutboundClusters {
  private static final Duration DNS_REFRESH = Duration.ofSeconds(60);
  private static final Duration DNS_JITTER = Duration.ofMillis(100);
  private static final TypedExtensionConfig RESOLVER =
      TypedExtensionConfig.newBuilder()
          .setName("envoy.network.dns_resolver.cares")
          .setTypedConfig(
              Protos.any(
                  CaresDnsResolverConfig.newBuilder()
                      .setUdpMaxQueries(UInt32Value.of(100))
                      .build()))
          .build();

  private final Scope scope;
  private final Mesh mesh;

  OutboundClusters(Scope scope) {
    this.scope = scope;
    this.mesh = scope.mesh();
  }

  static String name(int port, String subset, String host) {
    return "outbound|" + port + "|" + subset + "|" + host;
  }

  Map<String, Cluster> all() {
    Map<String, Cluster> clusters = new LinkedHashMap<>();
    for (Service service : scope.services()) {
      DestinationRule rule = scope.destinationRule(service.host());
      for (ServicePort port : service.ports()) {
        TrafficPolicy policy = policy(rule, "", port.number());
        Cluster cluster = cluster(service, port, "", Map.of(), rule, policy);
        clusters.put(cluster.getName(), cluster);
        if (rule != null) {
          for (DestinationRule.Subset subset : rule.subsets()) {
            TrafficPolicy own = policy(rule, subset.name(), port.number());
            Cluster ofSubset = cluster(service, port, subset.name(), subset.labels(), rule, own);
            clusters.put(ofSubset.getName(), ofSubset);
          }
        }
      }
    }
    return clusters;
  }

  /** The policy that holds for a port of the host or of one of its subsets. */
  static @Nullable TrafficPolicy policy(@Nullable DestinationRule rule, String subset, int port) {
    if (rule == null) {
      return null;
    }
    TrafficPolicy policy = rule.policy();
    for (DestinationRule.Subset candidate : rule.subsets()) {
      if (candidate.name().equals(subset)) {
        policy = policy.overriddenBy(candidate.policy());
      }
    }
    return policy.forPort(port);
  }

  private Cluster cluster(
      Service service,
      ServicePort port,
      String subset,
      Map<String, String> labels,
      @Nullable DestinationRule rule,
      @Nullable TrafficPolicy policy) {
    String name = name(port.number(), subset, service.host());
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName(name)
            .setAltStatName(name + ";")
            .setConnectTimeout(StaticClusters.CONNECT_TIMEOUT)
            .setLbPolicy(Cluster.LbPolicy.LEAST_REQUEST)
            .setCommonLbConfig(Cluster.CommonLbConfig.getDefaultInstance())
            .setMetadata(Protos.metadata("istio", istioMetadata(service, subset, rule, policy)));
    discovery(cluster, service, port, labels, policy);
    TrafficPolicy.ConnectionPool pool = policy == null ? null : policy.connectionPool();
    boolean http2 =
        port.protocol().isHttp2()
            || (port.protocol().isHttp() && pool != null && pool.upgradeToHttp2());
    TrafficPolicy.Tls tls = policy == null ? null : policy.tls();
    ConnectionPools.apply(
        cluster, pool, http2, tls != null && tls.originates() && tls.sni().isEmpty());
    if (policy != null) {
      balancing(cluster, policy.loadBalancer());
      if (policy.outlierDetection() != null) {
        outlierDetection(cluster, policy.outlierDetection());
      }
    }
    tls(
        cluster,
        service,
        "outbound_." + port.number() + "_." + subset + "_." + service.host(),
        http2,
        policy);
    return cluster.build();
  }

  private void discovery(
      Cluster.Builder cluster,
      Service service,
      ServicePort port,
      Map<String, String> labels,
      @Nullable TrafficPolicy policy) {
    String name = cluster.getName();
    switch (service.entry().resolution()) {
      case STATIC ->
          cluster
              .setType(Cluster.DiscoveryType.EDS)
              .setEdsClusterConfig(
                  Cluster.EdsClusterConfig.newBuilder()
                      .setEdsConfig(Protos.ads())
                      .setServiceName(name));
      case NONE ->
          cluster
              .setType(Cluster.DiscoveryType.ORIGINAL_DST)
              .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED);
      case DNS, DNS_ROUND_ROBIN ->
          cluster
              .setType(
                  service.entry().resolution() == Resolution.DNS
                      ? Cluster.DiscoveryType.STRICT_DNS
                      : Cluster.DiscoveryType.LOGICAL_DNS)
              .setDnsRefreshRate(Protos.duration(DNS_REFRESH))
              .setDnsJitter(Protos.duration(DNS_JITTER))
              .setDnsLookupFamily(Cluster.DnsLookupFamily.V4_ONLY)
              .setRespectDnsTtl(true)
              .setTypedDnsResolverConfig(RESOLVER)
              .setLoadAssignment(
                  new LoadAssignments(scope).assignment(name, service, port, labels, policy));
    }
  }

  private static Map<String, Value> istioMetadata(
      Service service,
      String subset,
      @Nullable DestinationRule rule,
      @Nullable TrafficPolicy policy) {
    Map<String, Value> fields = new LinkedHashMap<>();
    fields.put("services", StaticClusters.services(service));
    if (rule != null) {
      fields.put("config", Protos.value(rule.meta().configPath()));
    }
    if (!subset.isEmpty()) {
      fields.put("subset", Protos.value(subset));
    } else if (service.entry().external()) {
      fields.put("external", Value.newBuilder().setBoolValue(true).build());
    }
    if (policy != null && policy.tls() != null && policy.tls().originates()) {
      fields.put("alpn_override", Protos.value("false")); // istio.alpn leaves its names alone
    }
    return fields;
  }

  private static void balancing(
      Cluster.Builder cluster, TrafficPolicy.@Nullable LoadBalancer balancer) {
    if (balancer == null) {
      return;
    }
    TrafficPolicy.ConsistentHash hash = balancer.hash();
    if (hash == null) {
      cluster.setLbPolicy(Cluster.LbPolicy.valueOf(balancer.simple().name()));
    } else if (hash.tableSize() > 0) {
      cluster
          .setLbPolicy(Cluster.LbPolicy.MAGLEV)
          .setMaglevLbConfig(
              Cluster.MaglevLbConfig.newBuilder().setTableSize(UInt64Value.of(hash.tableSize())));
    } else {
      cluster
          .setLbPolicy(Cluster.LbPolicy.RING_HASH)
          .setRingHashLbConfig(
              Cluster.RingHashLbConfig.newBuilder()
                  .setMinimumRingSize(UInt64Value.of(hash.minimumRingSize())));
    }
  }

  private static void outlierDetection(
      Cluster.Builder cluster, TrafficPolicy.OutlierDetection policy) {
    OutlierDetection.Builder out =
        OutlierDetection.newBuilder().setEnforcingSuccessRate(Protos.uint(0));
    if (policy.consecutive5xx() >= 0) {
      out.setConsecutive5Xx(Protos.uint(policy.consecutive5xx()));
      out.setEnforcingConsecutive5Xx(enforcing(policy.consecutive5xx()));
    }
    if (policy.consecutiveGatewayErrors() >= 0) {
      out.setConsecutiveGatewayFailure(Protos.uint(policy.consecutiveGatewayErrors()));
      out.setEnforcingConsecutiveGatewayFailure(enforcing(policy.consecutiveGatewayErrors()));
    }
    if (policy.interval() != null) {
      out.setInterval(Protos.duration(policy.interval()));
    }
    if (policy.baseEjectionTime() != null) {
      out.setBaseEjectionTime(Protos.duration(policy.baseEjectionTime()));
    }
    if (policy.maxEjectionPercent() > 0) {
      out.setMaxEjectionPercent(Protos.uint(policy.maxEjectionPercent()));
    }
    if (policy.splitLocalOrigin()) {
      out.setSplitExternalLocalOriginErrors(true)
          .setEnforcingLocalOriginSuccessRate(Protos.uint(0));
      if (policy.consecutiveLocalOriginFailures() >= 0) {
        out.setConsecutiveLocalOriginFailure(Protos.uint(policy.consecutiveLocalOriginFailures()));
        out.setEnforcingConsecutiveLocalOriginFailure(
            enforcing(policy.consecutiveLocalOriginFailures()));
      }
    }
    cluster.setOutlierDetection(out);
    // Panic is only spoken of together with outlier detection; without it Envoy's 50 % holds, as
    // under istiod.
    cluster.setCommonLbConfig(
        Cluster.CommonLbConfig.newBuilder()
            .setHealthyPanicThreshold(
                Percent.newBuilder().setValue(Math.max(0, policy.minHealthPercent()))));
  }

  private static UInt32Value enforcing(int count) {
    return Protos.uint(count > 0 ? 100 : 0);
  }

  private void tls(
      Cluster.Builder cluster,
      Service service,
      String sni,
      boolean http2,
      @Nullable TrafficPolicy policy) {
    TrafficPolicy.Tls explicit = policy == null ? null : policy.tls();
    if (explicit != null) {
      if (explicit.originates()) {
        cluster.setTransportSocket(TlsContexts.originated(explicit, http2));
      } else if (explicit.mesh()) {
        cluster.setTransportSocket(
            TlsContexts.upstream(
                explicit.sni().isEmpty() ? sni : explicit.sni(),
                http2,
                explicit.subjectAltNames().isEmpty()
                    ? service.identities()
                    : explicit.subjectAltNames()));
      }
      return;
    }
    if (service.entry().external()
        || service.entry().resolution() == Resolution.NONE
        || mesh.modes().ofServices(service.namespace()) == Mode.DISABLE) {
      return; // as istiod: where nobody takes TLS there is nothing to choose between
    }
    cluster.addTransportSocketMatches(
        Cluster.TransportSocketMatch.newBuilder()
            .setName("tlsMode-istio")
            .setMatch(Struct.newBuilder().putFields("tlsMode", Protos.value("istio")))
            .setTransportSocket(TlsContexts.upstream(sni, http2, service.identities())));
    cluster.addTransportSocketMatches(
        Cluster.TransportSocketMatch.newBuilder()
            .setName("tlsMode-disabled")
            .setMatch(Struct.getDefaultInstance())
            .setTransportSocket(TlsContexts.rawBuffer()));
  }
}
