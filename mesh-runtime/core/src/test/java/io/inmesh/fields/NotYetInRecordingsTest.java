package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.ledger.Ledger;
import io.inmesh.ledger.LedgerFinding;
import io.inmesh.recordings.Recordings;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What a runtime logs as not enforced under a plain istiod. The list may only get shorter: a field
 * leaves it when a test of its own shows that it is enforced, and none comes in.
 */
class NotYetInRecordingsTest {
  private static final List<String> SCENARIOS =
      List.of(
          "istio/01-plain",
          "istio/02-weighted-steps",
          "istio/05-peer-authentication",
          "istio/09-sidecar-scope",
          "istio/10-external-services",
          "istio/16-peer-authentication-changes");

  private static final String NOT_YET =
      """
      envoy.config.cluster.v3.CircuitBreakers.Thresholds.max_connections
      envoy.config.cluster.v3.CircuitBreakers.Thresholds.track_remaining
      envoy.config.cluster.v3.Cluster.TransportSocketMatch.name
      envoy.config.cluster.v3.Cluster.alt_stat_name
      envoy.config.cluster.v3.Cluster.cleanup_interval
      envoy.config.cluster.v3.Cluster.filters
      envoy.config.cluster.v3.Cluster.metadata
      envoy.config.cluster.v3.Cluster.respect_dns_ttl
      envoy.config.cluster.v3.Cluster.typed_dns_resolver_config
      envoy.config.cluster.v3.Cluster.upstream_bind_config
      envoy.config.core.v3.Address.pipe
      envoy.config.core.v3.ConfigSource.initial_fetch_timeout
      envoy.config.endpoint.v3.LocalityLbEndpoints.locality
      envoy.config.listener.v3.FilterChain.transport_socket_connect_timeout
      envoy.config.listener.v3.Listener.continue_on_listener_filters_timeout
      envoy.config.listener.v3.Listener.listener_filters_timeout
      envoy.config.route.v3.Route.metadata
      envoy.config.route.v3.RouteConfiguration.max_direct_response_body_size_bytes
      envoy.extensions.filters.http.grpc_stats.v3.FilterConfig.emit_filter_state
      envoy.extensions.filters.http.grpc_stats.v3.FilterConfig.stats_for_all_methods
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing.client_sampling
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.http2_protocol_options
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.proxy_100_continue
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.request_id_extension
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.stream_idle_timeout
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.upgrade_configs
      envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.use_remote_address
      envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.stat_prefix
      envoy.extensions.transport_sockets.tls.v3.TlsParameters.cipher_suites
      envoy.tcp.metadataexchange.config.MetadataExchange.enable_discovery
      envoy.tcp.metadataexchange.config.MetadataExchange.protocol
      envoy.type.tracing.v3.CustomTag.metadata
      io.istio.http.peer_metadata.Config.DiscoveryMethod.workload_discovery
      istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig.alpn_override
      istio.networking.nds.v1.NameTable.table
      """;

  @Test
  void whatIsNotEnforcedOfAPlainIstiodsConfigurationIsThisAndNoMore() {
    Set<String> seen = new TreeSet<>();
    for (String scenario : SCENARIOS) {
      for (String node : Recordings.nodes(scenario)) {
        Recordings.responses(scenario, node).stream()
            .flatMap(response -> response.getResourcesList().stream())
            .map(r -> r.getResource())
            .map(any -> Ledger.get().walk(any.getTypeUrl(), any.getValue()))
            .forEach(
                report -> report.notYet().stream().map(LedgerFinding::field).forEach(seen::add));
      }
    }
    Set<String> listed = new TreeSet<>(Arrays.asList(NOT_YET.strip().split("\n")));
    assertThat(seen).isEqualTo(listed);
  }
}
