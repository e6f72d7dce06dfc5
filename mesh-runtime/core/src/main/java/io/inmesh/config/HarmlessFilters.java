package io.inmesh.config;

import java.util.HashMap;
import java.util.Map;

/**
 * HTTP and network filters that are left out, with the reason why neither caller nor upstream can
 * tell.
 */
final class HarmlessFilters {
  private static final Map<String, String> REASONS = new HashMap<>();

  static {
    REASONS.put(
        "envoy.extensions.filters.http.router.v3.Router", "routing is what a call does at its end");
    REASONS.put(
        "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig",
        "counts gRPC messages for metrics; requests and responses are not changed");
    REASONS.put("stats.PluginConfig", "read by the connection manager: ManagerTelemetry");
    REASONS.put(
        "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig",
        "read by the connection manager: HttpOptions.istioAlpn");
    REASONS.put(
        "envoy.tcp.metadataexchange.config.MetadataExchange",
        "speaks only where the ALPN istio-peer-exchange was chosen, which is never offered here");
    REASONS.put(
        "envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy",
        "counts MongoDB operations for metrics; its delays are not read");
  }

  private HarmlessFilters() {}

  static boolean contains(String type) {
    return REASONS.containsKey(type);
  }
}
