package io.inmesh.controlplane.xds;

import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.BindConfig;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.controlplane.config.Sidecar;
import java.util.Map;

/** The clusters that every sidecar has, and the inbound ones. */
final class StaticClusters {
  static final String BLACK_HOLE = "BlackHoleCluster";
  static final String PASSTHROUGH = "PassthroughCluster";
  static final String INBOUND_PASSTHROUGH = "InboundPassthroughCluster";
  static final Duration CONNECT_TIMEOUT = Duration.newBuilder().setSeconds(10).build();

  private StaticClusters() {}

  static Cluster blackHole() {
    return Cluster.newBuilder()
        .setName(BLACK_HOLE)
        .setAltStatName(BLACK_HOLE + ";")
        .setType(Cluster.DiscoveryType.STATIC)
        .setConnectTimeout(CONNECT_TIMEOUT)
        .build();
  }

  static Cluster passthrough() {
    return originalDestination(PASSTHROUGH).build();
  }

  static Cluster inboundPassthrough() {
    return originalDestination(INBOUND_PASSTHROUGH).setUpstreamBindConfig(bind()).build();
  }

  private static Cluster.Builder originalDestination(String name) {
    return Cluster.newBuilder()
        .setName(name)
        .setAltStatName(PASSTHROUGH + ";")
        .setType(Cluster.DiscoveryType.ORIGINAL_DST)
        .setConnectTimeout(CONNECT_TIMEOUT)
        .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED)
        .setCircuitBreakers(ConnectionPools.unlimited())
        .putTypedExtensionProtocolOptions(
            ConnectionPools.HTTP_OPTIONS,
            Protos.any(
                io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.newBuilder()
                    .setCommonHttpProtocolOptions(
                        HttpProtocolOptions.newBuilder()
                            .setIdleTimeout(Duration.newBuilder().setSeconds(300)))
                    .setUseDownstreamProtocolConfig(
                        io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                            .UseDownstreamHttpConfig.newBuilder()
                            .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                            .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
                    .build()));
  }

  /**
   * @param address the workload's own, for an application that listens on all of them
   */
  static Cluster inbound(InboundPort port, String address) {
    String name = port.cluster();
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName(name)
            .setAltStatName(name + ";")
            .setConnectTimeout(CONNECT_TIMEOUT)
            .setCommonLbConfig(Cluster.CommonLbConfig.getDefaultInstance());
    if (port.service() != null) {
      cluster.setMetadata(Protos.metadata("istio", Map.of("services", services(port.service()))));
    }
    Sidecar.Ingress ingress = port.ingress();
    if (ingress == null) {
      cluster
          .setType(Cluster.DiscoveryType.ORIGINAL_DST)
          .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED)
          .setCleanupInterval(Duration.newBuilder().setSeconds(9223372035L))
          .setUpstreamBindConfig(bind());
    } else {
      boolean loopback = ingress.host().equals("127.0.0.1") || ingress.host().equals("::1");
      if (!loopback) {
        cluster.setUpstreamBindConfig(bind());
      }
      cluster
          .setType(Cluster.DiscoveryType.STATIC)
          .setLoadAssignment(
              at(name, loopback ? ingress.host() : address, ingress.applicationPort()));
    }
    ConnectionPools.apply(cluster, port.pool(), port.protocol().isHttp2(), false);
    return cluster.build();
  }

  private static ClusterLoadAssignment at(String name, String address, int port) {
    return ClusterLoadAssignment.newBuilder()
        .setClusterName(name)
        .addEndpoints(
            LocalityLbEndpoints.newBuilder()
                .addLbEndpoints(
                    LbEndpoint.newBuilder()
                        .setEndpoint(
                            io.envoyproxy.envoy.config.endpoint.v3.Endpoint.newBuilder()
                                .setAddress(Protos.address(address, port)))))
        .build();
  }

  static String inboundName(int port) {
    return "inbound|" + port + "||";
  }

  static Value services(Service service) {
    Struct one =
        Struct.newBuilder()
            .putFields("name", Protos.value(service.host()))
            .putFields("host", Protos.value(service.host()))
            .putFields("namespace", Protos.value(service.namespace()))
            .build();
    return Value.newBuilder()
        .setListValue(ListValue.newBuilder().addValues(Value.newBuilder().setStructValue(one)))
        .build();
  }

  private static BindConfig.Builder bind() {
    return BindConfig.newBuilder()
        .setSourceAddress(SocketAddress.newBuilder().setAddress("127.0.0.6").setPortValue(0));
  }
}
