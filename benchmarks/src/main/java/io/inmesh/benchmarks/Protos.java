package io.inmesh.benchmarks;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.inmesh.config.ConfigResource;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.Address;
import io.inmesh.proto.envoy.config.core.v3.AggregatedConfigSource;
import io.inmesh.proto.envoy.config.core.v3.ConfigSource;
import io.inmesh.proto.envoy.config.core.v3.SocketAddress;
import io.inmesh.proto.envoy.config.core.v3.TrafficDirection;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.endpoint.v3.Endpoint;
import io.inmesh.proto.envoy.config.endpoint.v3.LbEndpoint;
import io.inmesh.proto.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.proto.envoy.config.listener.v3.Filter;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.FilterChainMatch;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.route.v3.RetryPolicy;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteAction;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import io.inmesh.proto.envoy.extensions.filters.http.cors.v3.Cors;
import io.inmesh.proto.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.Rds;

/** Resources in the shapes that istiod gives them, as far as a decision can tell. */
public final class Protos {
  private Protos() {}

  /** As the store takes it. */
  public static ConfigResource resource(String name, Message message) {
    return new ConfigResource(name, message.toByteString());
  }

  /** {@code Any.pack} would name the relocated package. */
  public static Any any(Message message) {
    return Any.newBuilder()
        .setTypeUrl("type.googleapis.com/" + message.getDescriptorForType().getFullName())
        .setValue(message.toByteString())
        .build();
  }

  /** Endpoints by EDS. */
  public static Cluster cluster(String name) {
    return Cluster.newBuilder()
        .setName(name)
        .setType(Cluster.DiscoveryType.EDS)
        .setEdsClusterConfig(
            Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ads()).setServiceName(name))
        .setConnectTimeout(Duration.newBuilder().setSeconds(10))
        .setLbPolicy(Cluster.LbPolicy.LEAST_REQUEST)
        .build();
  }

  /** So many, each with an address of its own. */
  public static ClusterLoadAssignment endpoints(String name, int count) {
    return endpoints(name, 0, count, 8080);
  }

  /**
   * @param first number of the first address
   */
  public static ClusterLoadAssignment endpoints(String name, int first, int count, int port) {
    LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder();
    for (int i = first; i < first + count; i++) {
      String ip = "10." + (1 + i / 65536) + "." + (i / 256) % 256 + "." + i % 256;
      locality.addLbEndpoints(
          LbEndpoint.newBuilder().setEndpoint(Endpoint.newBuilder().setAddress(address(ip, port))));
    }
    return ClusterLoadAssignment.newBuilder().setClusterName(name).addEndpoints(locality).build();
  }

  /** With the retry policy that istiod gives to every route. */
  public static Route route(String name, String prefix, String cluster) {
    return Route.newBuilder()
        .setName(name)
        .setMatch(RouteMatch.newBuilder().setPrefix(prefix))
        .setRoute(
            RouteAction.newBuilder()
                .setCluster(cluster)
                .setTimeout(Duration.getDefaultInstance())
                .setRetryPolicy(
                    RetryPolicy.newBuilder()
                        .setRetryOn(
                            "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes")
                        .setNumRetries(UInt32Value.of(2))
                        .addRetriableStatusCodes(503)
                        .setHostSelectionRetryMaxAttempts(5)))
        .build();
  }

  /** By name, with port and without. */
  public static VirtualHost.Builder virtualHost(String host, int port) {
    return VirtualHost.newBuilder()
        .setName(host + ":" + port)
        .addDomains(host)
        .addDomains(host + ":" + port)
        .setIncludeRequestAttemptCount(true);
  }

  /** A listener of one port for all services, routes by RDS. */
  public static Listener outbound(int port, String routes) {
    HttpConnectionManager.Builder manager =
        manager()
            .setRds(Rds.newBuilder().setConfigSource(ads()).setRouteConfigName(routes))
            .addHttpFilters(filter("envoy.filters.http.fault", HTTPFault.getDefaultInstance()))
            .addHttpFilters(filter("envoy.filters.http.cors", Cors.getDefaultInstance()))
            .addHttpFilters(filter("envoy.filters.http.router", Router.getDefaultInstance()));
    return Listener.newBuilder()
        .setName("0.0.0.0_" + port)
        .setAddress(address("0.0.0.0", port))
        .setTrafficDirection(TrafficDirection.OUTBOUND)
        .addFilterChains(chain(FilterChainMatch.getDefaultInstance(), manager.build()))
        .build();
  }

  /** Without routes and filters. */
  public static HttpConnectionManager.Builder manager() {
    return HttpConnectionManager.newBuilder()
        .setStatPrefix("bench")
        .setNormalizePath(com.google.protobuf.BoolValue.of(true))
        .setStreamIdleTimeout(Duration.getDefaultInstance());
  }

  /** Of HTTP. */
  public static FilterChain chain(FilterChainMatch match, HttpConnectionManager manager) {
    return FilterChain.newBuilder()
        .setName("http")
        .setFilterChainMatch(match)
        .addFilters(
            Filter.newBuilder()
                .setName("envoy.filters.network.http_connection_manager")
                .setTypedConfig(any(manager)))
        .build();
  }

  /** With its configuration. */
  public static HttpFilter filter(String name, Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(any(config)).build();
  }

  /** IP and port. */
  public static Address address(String ip, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(ip).setPortValue(port))
        .build();
  }

  private static ConfigSource ads() {
    return ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance()).build();
  }
}
