package io.inmesh.controlplane.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.type.v3.Percent;
import io.inmesh.controlplane.config.DestinationRule;
import io.inmesh.controlplane.config.PeerAuthentication.Mode;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.TrafficPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code outbound|port|subset|host}: one cluster for every port and subset of a service. */
final class OutboundClusters {
  private final Mesh mesh;
  private final String namespace;

  OutboundClusters(Mesh mesh, String namespace) {
    this.mesh = mesh;
    this.namespace = namespace;
  }

  static String name(int port, String subset, String host) {
    return "outbound|" + port + "|" + subset + "|" + host;
  }

  Map<String, Cluster> all() {
    Map<String, Cluster> clusters = new LinkedHashMap<>();
    for (Service service : mesh.services(namespace)) {
      DestinationRule rule = mesh.destinationRule(service.host(), namespace);
      for (ServicePort port : service.entry().ports()) {
        TrafficPolicy policy = policy(rule, "", port.number());
        Cluster cluster = cluster(service, port, "", rule, policy);
        clusters.put(cluster.getName(), cluster);
        if (rule != null) {
          for (DestinationRule.Subset subset : rule.subsets()) {
            TrafficPolicy own = policy(rule, subset.name(), port.number());
            Cluster ofSubset = cluster(service, port, subset.name(), rule, own);
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
      @Nullable DestinationRule rule,
      @Nullable TrafficPolicy policy) {
    String name = name(port.number(), subset, service.host());
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName(name)
            .setAltStatName(name + ";")
            .setType(Cluster.DiscoveryType.EDS)
            .setEdsClusterConfig(
                Cluster.EdsClusterConfig.newBuilder()
                    .setEdsConfig(Protos.ads())
                    .setServiceName(name))
            .setConnectTimeout(StaticClusters.CONNECT_TIMEOUT)
            .setLbPolicy(Cluster.LbPolicy.LEAST_REQUEST)
            .setCommonLbConfig(Cluster.CommonLbConfig.getDefaultInstance())
            .setMetadata(Protos.metadata("istio", istioMetadata(service, subset, rule)));
    TrafficPolicy.ConnectionPool pool = policy == null ? null : policy.connectionPool();
    boolean http2 =
        port.protocol().isHttp2()
            || (port.protocol().isHttp() && pool != null && pool.upgradeToHttp2());
    connections(cluster, pool, http2);
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

  private static Map<String, Value> istioMetadata(
      Service service, String subset, @Nullable DestinationRule rule) {
    Map<String, Value> fields = new LinkedHashMap<>();
    fields.put("services", StaticClusters.services(service));
    if (rule != null) {
      fields.put("config", Protos.value(rule.meta().configPath()));
    }
    if (!subset.isEmpty()) {
      fields.put("subset", Protos.value(subset));
    }
    return fields;
  }

  private static void connections(
      Cluster.Builder cluster, TrafficPolicy.@Nullable ConnectionPool pool, boolean http2) {
    io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.Builder options =
        http2
            ? StaticClusters.http2()
            : io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.newBuilder();
    boolean needed = http2;
    if (pool == null) {
      cluster.setCircuitBreakers(
          StaticClusters.breakers(
              StaticClusters.UNLIMITED,
              StaticClusters.UNLIMITED,
              StaticClusters.UNLIMITED,
              StaticClusters.UNLIMITED));
    } else {
      cluster.setCircuitBreakers(
          StaticClusters.breakers(
              orUnlimited(pool.maxConnections()),
              orUnlimited(pool.http1MaxPendingRequests()),
              orUnlimited(pool.http2MaxRequests()),
              orUnlimited(pool.maxRetries())));
      if (pool.connectTimeout() != null) {
        cluster.setConnectTimeout(Protos.duration(pool.connectTimeout()));
      }
      HttpProtocolOptions.Builder common = HttpProtocolOptions.newBuilder();
      Duration idle =
          pool.httpIdleTimeout() != null ? pool.httpIdleTimeout() : pool.tcpIdleTimeout();
      if (idle != null) {
        common.setIdleTimeout(Protos.duration(idle));
      }
      if (pool.maxConnectionDuration() != null) {
        common.setMaxConnectionDuration(Protos.duration(pool.maxConnectionDuration()));
      }
      if (pool.maxRequestsPerConnection() > 0) {
        common.setMaxRequestsPerConnection(Protos.uint(pool.maxRequestsPerConnection()));
      }
      if (!common.build().equals(HttpProtocolOptions.getDefaultInstance())) {
        options.setCommonHttpProtocolOptions(common);
        if (!http2) {
          options.setExplicitHttpConfig(
              io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                  .ExplicitHttpConfig.newBuilder()
                  .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()));
        }
        needed = true;
      }
    }
    if (needed) {
      cluster.putTypedExtensionProtocolOptions(
          StaticClusters.HTTP_OPTIONS, Protos.any(options.build()));
    }
  }

  private static int orUnlimited(int limit) {
    return limit == 0 ? StaticClusters.UNLIMITED : limit;
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
      if (explicit.mutual()) {
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
    if (mesh.modes().ofServices(service.namespace()) == Mode.DISABLE) {
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
