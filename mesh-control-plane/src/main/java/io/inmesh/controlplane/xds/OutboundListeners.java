package io.inmesh.controlplane.xds;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.Sidecar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code 0.0.0.0_port} for HTTP ports and for what is told apart by SNI or address block, {@code
 * address_port} for the others, and {@code virtualOutbound} for the rest.
 */
final class OutboundListeners {
  static final Duration CONNECT_TIMEOUT = Duration.newBuilder().setSeconds(15).build();

  private final Scope scope;
  private final boolean intercepted;
  private final Map<String, Listener> listeners = new LinkedHashMap<>();
  private final Map<Integer, SharedListener> shared = new TreeMap<>();

  /**
   * @param intercepted whether the workload's connections are redirected; if not, only what is
   *     bound to an address exists
   */
  OutboundListeners(Scope scope, boolean intercepted) {
    this.scope = scope;
    this.intercepted = intercepted;
  }

  Map<String, Listener> all() {
    for (Scope.Listener listener : scope.listeners()) {
      Sidecar.Egress egress = listener.egress();
      if (egress != null && (bound(egress) || !egress.bind().isEmpty())) {
        ServicePort port = egress.port();
        if (port != null) {
          own(egress, port, listener.services());
        }
      } else if (intercepted) {
        listener.services().forEach(this::redirected);
      }
    }
    shared.forEach(
        (port, listener) -> listeners.putIfAbsent("0.0.0.0_" + port, listener.build(scope)));
    if (intercepted) {
      listeners.put("virtualOutbound", virtualOutbound(scope.otherwise()));
    }
    return listeners;
  }

  private boolean bound(Sidecar.Egress egress) {
    return egress.capture() == Sidecar.CaptureMode.NONE
        || (egress.capture() == Sidecar.CaptureMode.DEFAULT && !intercepted);
  }

  /** A listener at an address that the Sidecar names, by default loopback. */
  private void own(Sidecar.Egress egress, ServicePort port, List<Service> services) {
    String address = egress.bind().isEmpty() ? "127.0.0.1" : egress.bind();
    FilterChain.Builder chain =
        FilterChain.newBuilder().setTransportSocketConnectTimeout(CONNECT_TIMEOUT);
    if (port.protocol().isHttp()) {
      chain.addFilters(HttpConnections.outbound(scope, address, port.number()));
    } else {
      String cluster =
          services.isEmpty()
              ? StaticClusters.BLACK_HOLE
              : OutboundClusters.name(port.number(), "", services.get(0).host());
      chain.addFilters(HttpConnections.tcp(cluster));
    }
    Listener.Builder listener = plain(address, port.number()).addFilterChains(chain);
    if (bound(egress)) {
      listener.clearBindToPort();
    }
    listeners.putIfAbsent(listener.getName(), listener.build());
  }

  private void redirected(Service service) {
    for (ServicePort port : service.ports()) {
      String cluster = OutboundClusters.name(port.number(), "", service.host());
      List<String> addresses = service.entry().addresses();
      if (port.protocol().isHttp()) {
        shared(port.number()).http();
      } else if (addresses.isEmpty()) {
        shared(port.number()).serverName(service.host(), cluster);
      } else {
        for (String address : addresses) {
          if (address.contains("/")) {
            shared(port.number()).block(address, cluster);
          } else {
            tcp(address, port.number(), cluster);
          }
        }
      }
    }
  }

  private SharedListener shared(int port) {
    return shared.computeIfAbsent(port, SharedListener::new);
  }

  private void tcp(String address, int port, String cluster) {
    Listener listener =
        plain(address, port)
            .addFilterChains(
                FilterChain.newBuilder()
                    .addFilters(HttpConnections.tcp(cluster))
                    .setTransportSocketConnectTimeout(CONNECT_TIMEOUT))
            .build();
    listeners.putIfAbsent(listener.getName(), listener);
  }

  static Listener.Builder plain(String address, int port) {
    return Listener.newBuilder()
        .setName(address + "_" + port)
        .setAddress(Protos.address(address, port))
        .setListenerFiltersTimeout(Protos.ZERO)
        .setContinueOnListenerFiltersTimeout(true)
        .setTrafficDirection(TrafficDirection.OUTBOUND)
        .setBindToPort(BoolValue.of(false));
  }

  private static Listener virtualOutbound(String otherwise) {
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
                .addFilters(HttpConnections.tcp(otherwise)))
        .setUseOriginalDst(BoolValue.of(true))
        .setMaxConnectionsToAcceptPerSocketEvent(Protos.uint(1))
        .setTrafficDirection(TrafficDirection.OUTBOUND)
        .build();
  }
}
