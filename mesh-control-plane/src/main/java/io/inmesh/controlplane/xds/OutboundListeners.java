package io.inmesh.controlplane.xds;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.inmesh.controlplane.config.ServicePort;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * {@code 0.0.0.0_port} for HTTP ports, {@code address_port} for the others, and {@code
 * virtualOutbound} for the rest.
 */
final class OutboundListeners {
  private static final Duration CONNECT_TIMEOUT = Duration.newBuilder().setSeconds(15).build();

  private OutboundListeners() {}

  static Map<String, Listener> all(Mesh mesh, String namespace) {
    Map<String, Listener> listeners = new LinkedHashMap<>();
    TreeSet<Integer> httpPorts = new TreeSet<>();
    for (Service service : mesh.services(namespace)) {
      for (ServicePort port : service.entry().ports()) {
        if (port.protocol().isHttp()) {
          httpPorts.add(port.number());
        } else {
          for (String address : service.entry().addresses()) {
            Listener listener =
                tcp(
                    address,
                    port.number(),
                    OutboundClusters.name(port.number(), "", service.host()));
            listeners.putIfAbsent(listener.getName(), listener);
          }
        }
      }
    }
    for (int port : httpPorts) {
      Listener listener = http(port);
      listeners.put(listener.getName(), listener);
    }
    listeners.put("virtualOutbound", virtualOutbound());
    return listeners;
  }

  private static Listener http(int port) {
    return Listener.newBuilder()
        .setName("0.0.0.0_" + port)
        .setAddress(Protos.address("0.0.0.0", port))
        .addFilterChains(
            FilterChain.newBuilder()
                .setFilterChainMatch(
                    FilterChainMatch.newBuilder()
                        .setTransportProtocol("raw_buffer")
                        .addApplicationProtocols("http/1.1")
                        .addApplicationProtocols("h2c"))
                .addFilters(HttpConnections.outbound(port))
                .setTransportSocketConnectTimeout(CONNECT_TIMEOUT))
        .setDefaultFilterChain(
            FilterChain.newBuilder()
                .setName("PassthroughFilterChain")
                .setFilterChainMatch(FilterChainMatch.getDefaultInstance())
                .addFilters(HttpConnections.tcp(StaticClusters.PASSTHROUGH)))
        .addListenerFilters(
            ListenerFilter.newBuilder()
                .setName("envoy.filters.listener.http_inspector")
                .setTypedConfig(Protos.any(HttpInspector.getDefaultInstance())))
        .setListenerFiltersTimeout(Protos.ZERO)
        .setContinueOnListenerFiltersTimeout(true)
        .setTrafficDirection(TrafficDirection.OUTBOUND)
        .setBindToPort(BoolValue.of(false))
        .build();
  }

  private static Listener tcp(String address, int port, String cluster) {
    return Listener.newBuilder()
        .setName(address + "_" + port)
        .setAddress(Protos.address(address, port))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(HttpConnections.tcp(cluster))
                .setTransportSocketConnectTimeout(CONNECT_TIMEOUT))
        .setListenerFiltersTimeout(Protos.ZERO)
        .setContinueOnListenerFiltersTimeout(true)
        .setTrafficDirection(TrafficDirection.OUTBOUND)
        .setBindToPort(BoolValue.of(false))
        .build();
  }

  private static Listener virtualOutbound() {
    return Listener.newBuilder()
        .setName("virtualOutbound")
        .setAddress(Protos.address("0.0.0.0", 15001))
        .addFilterChains(
            FilterChain.newBuilder()
                .setName("virtualOutbound-blackhole")
                .setFilterChainMatch(
                    FilterChainMatch.newBuilder().setDestinationPort(Protos.uint(15001)))
                .addFilters(HttpConnections.tcp(StaticClusters.BLACK_HOLE)))
        .addFilterChains(
            FilterChain.newBuilder()
                .setName("virtualOutbound-catchall-tcp")
                .addFilters(HttpConnections.tcp(StaticClusters.PASSTHROUGH)))
        .setUseOriginalDst(BoolValue.of(true))
        .setMaxConnectionsToAcceptPerSocketEvent(Protos.uint(1))
        .setTrafficDirection(TrafficDirection.OUTBOUND)
        .build();
  }
}
