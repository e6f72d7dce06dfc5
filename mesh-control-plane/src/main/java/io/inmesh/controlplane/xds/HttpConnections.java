package io.inmesh.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.Decorator;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.grpc_stats.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * The filters of a connection. Of istiod's HTTP filters {@code istio.metadata_exchange} is left
 * out: the plain Envoys of a mesh could not answer it, and their applications would see its
 * headers.
 */
final class HttpConnections {
  private static final Any ALPN =
      Any.newBuilder()
          .setTypeUrl(
              "type.googleapis.com/istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig")
          .setValue(alpnOverrides())
          .build();

  /** Only Istio's Envoy knows it. */
  static final String ISTIO_STATS = "istio.stats";

  private HttpConnections() {}

  static Filter outbound(Scope scope, String address, int port) {
    HttpConnectionManager.Builder manager =
        base(scope, "outbound_" + address + "_" + port + ";")
            .setRds(
                Rds.newBuilder()
                    .setConfigSource(Protos.ads())
                    .setRouteConfigName(String.valueOf(port)))
            .addHttpFilters(grpcStats())
            .addHttpFilters(HttpFilter.newBuilder().setName("istio.alpn").setTypedConfig(ALPN));
    addLastFilters(manager, false);
    return filter(manager.build());
  }

  /**
   * @param port null for the catch-all of ports that no service describes
   */
  static Filter inbound(
      Scope scope, @org.jspecify.annotations.Nullable InboundPort port, List<RBAC> rules) {
    boolean grpc = port != null && port.protocol() == io.inmesh.controlplane.config.Protocol.GRPC;
    String cluster = port == null ? StaticClusters.INBOUND_PASSTHROUGH : port.cluster();
    int servicePort = port == null ? 0 : port.servicePort();
    String operation = (port == null ? "" : port.owner()) + ":" + servicePort + "/*";
    HttpConnectionManager.Builder manager =
        base(scope, port == null ? cluster + ";" : "inbound_0.0.0.0_" + port.number() + ";")
            .setRouteConfig(routes(cluster, servicePort, operation, grpc))
            .setServerName("istio-envoy")
            .setForwardClientCertDetails(
                HttpConnectionManager.ForwardClientCertDetails.APPEND_FORWARD)
            .setSetCurrentClientCertDetails(
                HttpConnectionManager.SetCurrentClientCertDetails.newBuilder()
                    .setSubject(BoolValue.of(true))
                    .setDns(true)
                    .setUri(true));
    if (port != null && port.protocol().isHttp2()) {
      manager.setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance());
    }
    for (RBAC rule : rules) {
      manager.addHttpFilters(
          http(
              "envoy.filters.http.rbac",
              io.envoyproxy
                  .envoy
                  .extensions
                  .filters
                  .http
                  .rbac
                  .v3
                  .RBAC
                  .newBuilder()
                  .setRules(rule)
                  .setShadowRulesStatPrefix("istio_dry_run_allow_")
                  .build()));
    }
    manager.addHttpFilters(grpcStats());
    addLastFilters(manager, true);
    return filter(manager.build());
  }

  static Filter tcp(String cluster) {
    return Filter.newBuilder()
        .setName("envoy.filters.network.tcp_proxy")
        .setTypedConfig(
            Protos.any(TcpProxy.newBuilder().setStatPrefix(cluster).setCluster(cluster).build()))
        .build();
  }

  static Filter networkRbac(RBAC rules) {
    return Filter.newBuilder()
        .setName("envoy.filters.network.rbac")
        .setTypedConfig(
            Protos.any(
                io.envoyproxy
                    .envoy
                    .extensions
                    .filters
                    .network
                    .rbac
                    .v3
                    .RBAC
                    .newBuilder()
                    .setRules(rules)
                    .setStatPrefix("tcp.")
                    .setShadowRulesStatPrefix("istio_dry_run_allow_")
                    .build()))
        .build();
  }

  private static RouteConfiguration routes(
      String cluster, int servicePort, String operation, boolean grpc) {
    RouteAction.Builder action =
        RouteAction.newBuilder()
            .setCluster(cluster)
            .setTimeout(Protos.ZERO)
            .setMaxStreamDuration(
                RouteAction.MaxStreamDuration.newBuilder()
                    .setMaxStreamDuration(Protos.ZERO)
                    .setGrpcTimeoutHeaderMax(Protos.ZERO));
    if (!grpc) {
      action.setRetryPolicy(
          RetryPolicy.newBuilder()
              .setRetryOn("reset-before-request")
              .setNumRetries(Protos.uint(2)));
    }
    return RouteConfiguration.newBuilder()
        .setName(cluster)
        .setValidateClusters(BoolValue.of(false))
        .addVirtualHosts(
            VirtualHost.newBuilder()
                .setName("inbound|http|" + servicePort)
                .addDomains("*")
                .addRoutes(
                    Route.newBuilder()
                        .setName("default")
                        .setMatch(RouteMatches.any())
                        .setRoute(action)
                        .setDecorator(Decorator.newBuilder().setOperation(operation))))
        .build();
  }

  @SuppressWarnings(
      "deprecation") // x-forwarded-for is not trusted and not needed: as istiod sets it
  private static HttpConnectionManager.Builder base(Scope scope, String statPrefix) {
    return HttpConnectionManager.newBuilder()
        .setStatPrefix(statPrefix)
        .setTracing(Tracings.of(scope))
        .setUseRemoteAddress(BoolValue.of(false))
        .setProxy100Continue(true)
        .addUpgradeConfigs(
            HttpConnectionManager.UpgradeConfig.newBuilder().setUpgradeType("websocket"))
        .setStreamIdleTimeout(Protos.ZERO)
        .setNormalizePath(BoolValue.of(true))
        .setPathWithEscapedSlashesAction(
            HttpConnectionManager.PathWithEscapedSlashesAction.KEEP_UNCHANGED)
        .setRequestIdExtension(
            RequestIDExtension.newBuilder()
                .setTypedConfig(
                    Protos.any(
                        UuidRequestIdConfig.newBuilder()
                            .setUseRequestIdForTraceSampling(BoolValue.of(true))
                            .build())));
  }

  private static void addLastFilters(HttpConnectionManager.Builder manager, boolean inbound) {
    manager
        .addHttpFilters(http(FilterOverrides.FAULT, HTTPFault.getDefaultInstance()))
        .addHttpFilters(http(FilterOverrides.CORS, Cors.getDefaultInstance()))
        .addHttpFilters(istioStats(inbound))
        .addHttpFilters(http("envoy.filters.http.router", Router.getDefaultInstance()));
  }

  /** {@code disable_host_header_fallback = 6}; Istio's own message, so written by hand. */
  private static HttpFilter istioStats(boolean inbound) {
    ByteString config = inbound ? ByteString.copyFrom(new byte[] {0x30, 1}) : ByteString.EMPTY;
    return HttpFilter.newBuilder()
        .setName(ISTIO_STATS)
        .setTypedConfig(
            Any.newBuilder().setTypeUrl("type.googleapis.com/stats.PluginConfig").setValue(config))
        .build();
  }

  private static HttpFilter grpcStats() {
    return http(
        "envoy.filters.http.grpc_stats",
        FilterConfig.newBuilder()
            .setEmitFilterState(true)
            .setStatsForAllMethods(BoolValue.of(false))
            .build());
  }

  private static HttpFilter http(String name, Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(Protos.any(config)).build();
  }

  private static Filter filter(HttpConnectionManager manager) {
    return Filter.newBuilder()
        .setName("envoy.filters.network.http_connection_manager")
        .setTypedConfig(Protos.any(manager))
        .build();
  }

  /**
   * {@code alpn_override = 1: {upstream_protocol = 1, alpn_override = 2}}; Istio's own message, so
   * it is written by hand.
   */
  private static ByteString alpnOverrides() {
    List<List<String>> protocols =
        List.of(
            List.of("istio-http/1.0", "istio", "http/1.0"),
            List.of("istio-http/1.1", "istio", "http/1.1"),
            List.of("istio-h2", "istio", "h2"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      for (int i = 0; i < protocols.size(); i++) {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        CodedOutputStream override = CodedOutputStream.newInstance(inner);
        if (i > 0) {
          override.writeEnum(1, i);
        }
        for (String protocol : protocols.get(i)) {
          override.writeString(2, protocol);
        }
        override.flush();
        out.writeByteArray(1, inner.toByteArray());
      }
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }
}
