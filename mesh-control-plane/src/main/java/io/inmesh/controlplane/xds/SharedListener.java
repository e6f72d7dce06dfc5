package io.inmesh.controlplane.xds;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code 0.0.0.0_port}: what several services on one port share. */
final class SharedListener {
  private final int port;
  private boolean http;
  private final Map<String, FilterChain> byServerName = new LinkedHashMap<>();
  private final Map<String, FilterChain> byBlock = new LinkedHashMap<>();

  SharedListener(int port) {
    this.port = port;
  }

  void http() {
    http = true;
  }

  /** TLS of the application, told apart by the name in its hello. */
  void serverName(String host, String cluster) {
    byServerName.putIfAbsent(
        host, tcp(FilterChainMatch.newBuilder().addServerNames(host), cluster));
  }

  /** Connections to an address block. */
  void block(String block, String cluster) {
    int slash = block.indexOf('/');
    CidrRange range =
        CidrRange.newBuilder()
            .setAddressPrefix(block.substring(0, slash))
            .setPrefixLen(Protos.uint(Integer.parseInt(block.substring(slash + 1))))
            .build();
    byBlock.putIfAbsent(block, tcp(FilterChainMatch.newBuilder().addPrefixRanges(range), cluster));
  }

  private static FilterChain tcp(FilterChainMatch.Builder match, String cluster) {
    return FilterChain.newBuilder()
        .setFilterChainMatch(match)
        .addFilters(HttpConnections.tcp(cluster))
        .setTransportSocketConnectTimeout(OutboundListeners.CONNECT_TIMEOUT)
        .build();
  }

  Listener build(Scope scope) {
    Listener.Builder listener = OutboundListeners.plain("0.0.0.0", port);
    if (http) {
      listener.addFilterChains(
          FilterChain.newBuilder()
              .setFilterChainMatch(
                  FilterChainMatch.newBuilder()
                      .setTransportProtocol("raw_buffer")
                      .addApplicationProtocols("http/1.1")
                      .addApplicationProtocols("h2c"))
              .addFilters(HttpConnections.outbound(scope, "0.0.0.0", port))
              .setTransportSocketConnectTimeout(OutboundListeners.CONNECT_TIMEOUT));
    }
    listener.addAllFilterChains(byServerName.values()).addAllFilterChains(byBlock.values());
    if (!byServerName.isEmpty()) {
      listener.addListenerFilters(
          filter(
              "envoy.filters.listener.tls_inspector",
              TlsInspector.newBuilder().setInitialReadBufferSize(Protos.uint(512)).build()));
    }
    if (http) {
      listener.addListenerFilters(
          filter("envoy.filters.listener.http_inspector", HttpInspector.getDefaultInstance()));
    }
    return listener
        .setDefaultFilterChain(
            FilterChain.newBuilder()
                .setName("PassthroughFilterChain")
                .setFilterChainMatch(FilterChainMatch.getDefaultInstance())
                .addFilters(HttpConnections.tcp(scope.otherwise())))
        .build();
  }

  private static ListenerFilter filter(String name, Message config) {
    return ListenerFilter.newBuilder().setName(name).setTypedConfig(Protos.any(config)).build();
  }
}
