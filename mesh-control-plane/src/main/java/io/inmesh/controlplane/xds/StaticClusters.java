package io.inmesh.controlplane.xds;

import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.BindConfig;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import java.util.Map;

/** The clusters that every sidecar has, and the inbound ones. */
final class StaticClusters {
  static final String BLACK_HOLE = "BlackHoleCluster";
  static final String PASSTHROUGH = "PassthroughCluster";
  static final String INBOUND_PASSTHROUGH = "InboundPassthroughCluster";
  static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  static final Duration CONNECT_TIMEOUT = Duration.newBuilder().setSeconds(10).build();

  /** istiod writes the largest unsigned number where there is no limit. */
  static final int UNLIMITED = -1;

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
        .setCircuitBreakers(breakers(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED))
        .putTypedExtensionProtocolOptions(
            HTTP_OPTIONS,
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

  static Cluster inbound(Mesh.InboundPort port) {
    String name = inboundName(port.endpoint().port());
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName(name)
            .setAltStatName(name + ";")
            .setType(Cluster.DiscoveryType.ORIGINAL_DST)
            .setConnectTimeout(CONNECT_TIMEOUT)
            .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED)
            .setCleanupInterval(Duration.newBuilder().setSeconds(9223372035L))
            .setUpstreamBindConfig(bind())
            .setCommonLbConfig(Cluster.CommonLbConfig.getDefaultInstance())
            .setMetadata(Protos.metadata("istio", Map.of("services", services(port.service()))))
            .setCircuitBreakers(breakers(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED));
    if (port.servicePort().protocol().isHttp2()) {
      cluster.putTypedExtensionProtocolOptions(HTTP_OPTIONS, Protos.any(http2().build()));
    }
    return cluster.build();
  }

  static String inboundName(int port) {
    return "inbound|" + port + "||";
  }

  static io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.Builder http2() {
    return io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.newBuilder()
        .setExplicitHttpConfig(
            io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig
                .newBuilder()
                .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()));
  }

  static CircuitBreakers breakers(int connections, int pending, int requests, int retries) {
    return CircuitBreakers.newBuilder()
        .addThresholds(
            CircuitBreakers.Thresholds.newBuilder()
                .setMaxConnections(Protos.uint(connections))
                .setMaxPendingRequests(Protos.uint(pending))
                .setMaxRequests(Protos.uint(requests))
                .setMaxRetries(Protos.uint(retries))
                .setTrackRemaining(true))
        .build();
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
