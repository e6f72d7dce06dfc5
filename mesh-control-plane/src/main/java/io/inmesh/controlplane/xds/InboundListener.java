package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.inmesh.controlplane.config.PeerAuthentication.Mode;
import io.inmesh.controlplane.config.Sidecar;
import io.inmesh.controlplane.registry.Registration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code virtualInbound}: which connections a workload accepts on its own ports, by mode and
 * protocol.
 */
final class InboundListener {
  private static final int PORT = 15006;
  private static final List<String> MUTUAL_HTTP =
      List.of("istio-http/1.0", "istio-http/1.1", "istio-h2");
  private static final List<String> MUTUAL_TCP = List.of("istio-peer-exchange", "istio");
  private static final List<String> MUTUAL_ANY =
      List.of("istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2");
  private static final List<String> PLAIN_HTTP = List.of("http/1.1", "h2c");

  private final Mesh mesh;
  private final Registration node;
  private final Scope scope;
  private final boolean intercepted;
  private final List<RBAC> httpRules;
  private final List<RBAC> tcpRules;
  private List<FilterChain> chains = new ArrayList<>();

  InboundListener(Scope scope, boolean intercepted) {
    this.scope = scope;
    this.mesh = scope.mesh();
    this.node = scope.node();
    this.intercepted = intercepted;
    Rbac rbac = new Rbac(mesh.policies(node));
    this.httpRules = rbac.rules(true);
    this.tcpRules = rbac.rules(false);
  }

  /** {@code virtualInbound}, and what is bound to an address of its own. */
  Map<String, Listener> all() {
    Map<String, Listener> listeners = new LinkedHashMap<>();
    for (InboundPort port : InboundPort.of(scope)) {
      if (port.bound(intercepted)) {
        Listener bound = bound(port);
        listeners.put(bound.getName(), bound);
      }
    }
    if (intercepted) {
      Listener rest = redirected();
      listeners.put(rest.getName(), rest);
    }
    return listeners;
  }

  private Listener bound(InboundPort port) {
    chains = new ArrayList<>();
    Mode mode = mode(port);
    declared(port, mode);
    Sidecar.Ingress ingress = java.util.Objects.requireNonNull(port.ingress());
    String address = ingress.bind().isEmpty() ? "0.0.0.0" : ingress.bind();
    Listener.Builder listener =
        Listener.newBuilder()
            .setName(address + "_" + port.number())
            .setAddress(Protos.address(address, port.number()))
            .addAllFilterChains(chains)
            .setListenerFiltersTimeout(Protos.ZERO)
            .setContinueOnListenerFiltersTimeout(true)
            .setTrafficDirection(TrafficDirection.INBOUND);
    if (mode != Mode.DISABLE) {
      listener.addListenerFilters(tlsInspector());
    }
    return listener.build();
  }

  private Mode mode(InboundPort port) {
    return mesh.modes().mode(node.namespace(), mesh.labels(node), port.number());
  }

  private Listener redirected() {
    chains = new ArrayList<>();
    chains.add(
        FilterChain.newBuilder()
            .setName("virtualInbound-blackhole")
            .setFilterChainMatch(
                FilterChainMatch.newBuilder().setDestinationPort(Protos.uint(PORT)))
            .addFilters(HttpConnections.tcp(StaticClusters.BLACK_HOLE))
            .build());
    Mode catchAll = mesh.modes().mode(node.namespace(), mesh.labels(node));
    catchAll(catchAll);
    TreeSet<Integer> noTls = new TreeSet<>(List.of(PORT));
    TreeSet<Integer> declared = new TreeSet<>(List.of(PORT));
    boolean tls = catchAll != Mode.DISABLE;
    for (InboundPort port : InboundPort.of(scope)) {
      if (port.bound(intercepted)) {
        continue;
      }
      Mode mode = mode(port);
      declared(port, mode);
      declared.add(port.number());
      if (mode == Mode.DISABLE) {
        noTls.add(port.number());
      } else {
        tls = true;
      }
    }
    Listener.Builder listener =
        Listener.newBuilder()
            .setName("virtualInbound")
            .setAddress(Protos.address("0.0.0.0", PORT))
            .addAllFilterChains(chains)
            .addListenerFilters(
                ListenerFilter.newBuilder()
                    .setName("envoy.filters.listener.original_dst")
                    .setTypedConfig(Protos.any(OriginalDst.getDefaultInstance())))
            .setListenerFiltersTimeout(Protos.ZERO)
            .setContinueOnListenerFiltersTimeout(true)
            .setMaxConnectionsToAcceptPerSocketEvent(Protos.uint(1))
            .setTrafficDirection(TrafficDirection.INBOUND);
    if (tls) {
      listener.addListenerFilters(tlsInspector().setFilterDisabled(onPorts(noTls)));
    }
    if (catchAll != Mode.STRICT) { // only undeclared plaintext has to be looked into
      listener.addListenerFilters(
          ListenerFilter.newBuilder()
              .setName("envoy.filters.listener.http_inspector")
              .setTypedConfig(Protos.any(HttpInspector.getDefaultInstance()))
              .setFilterDisabled(onPorts(declared)));
    }
    return listener.build();
  }

  private static ListenerFilter.Builder tlsInspector() {
    return ListenerFilter.newBuilder()
        .setName("envoy.filters.listener.tls_inspector")
        .setTypedConfig(
            Protos.any(
                TlsInspector.newBuilder().setInitialReadBufferSize(Protos.uint(512)).build()));
  }

  private void catchAll(Mode mode) {
    if (mode != Mode.DISABLE) {
      http("virtualInbound-catchall-http", match(0, "tls", MUTUAL_HTTP), null, true);
    }
    if (mode != Mode.STRICT) {
      http("virtualInbound-catchall-http", match(0, "raw_buffer", PLAIN_HTTP), null, false);
    }
    String cluster = StaticClusters.INBOUND_PASSTHROUGH;
    if (mode == Mode.STRICT) {
      tcp("virtualInbound", match(0, "tls", List.of()), cluster, true);
      return;
    }
    if (mode == Mode.PERMISSIVE) {
      tcp("virtualInbound", match(0, "tls", MUTUAL_TCP), cluster, true);
    }
    tcp("virtualInbound", match(0, "raw_buffer", List.of()), cluster, false);
    if (mode == Mode.PERMISSIVE) {
      tcp("virtualInbound", match(0, "tls", List.of()), cluster, false);
    }
  }

  private void declared(InboundPort port, Mode mode) {
    int from = chains.size();
    int number = port.number();
    String name = "0.0.0.0_" + number;
    Sidecar.Ingress ingress = port.ingress();
    if (mode == Mode.DISABLE && ingress != null && ingress.ownTls()) {
      // It wants TLS of its own, which is not served here: then nothing is, least of all plaintext.
      tcp(name, match(number, "", List.of()), StaticClusters.BLACK_HOLE, false);
      return;
    }
    String cluster = port.cluster();
    boolean isHttp = port.protocol().isHttp();
    if (mode != Mode.DISABLE) {
      FilterChainMatch match = match(number, "tls", mode == Mode.STRICT ? List.of() : MUTUAL_ANY);
      if (isHttp) {
        http(name, match, port, true);
      } else {
        tcp(name, match, cluster, true);
      }
    }
    if (mode == Mode.PERMISSIVE && !isHttp) {
      tcp(name, match(number, "tls", List.of()), cluster, false);
    }
    if (mode != Mode.STRICT) {
      FilterChainMatch match = match(number, "raw_buffer", List.of());
      if (isHttp) {
        http(name, match, port, false);
      } else {
        tcp(name, match, cluster, false);
      }
    }
    if (!port.configPath().isEmpty()) {
      for (int i = from; i < chains.size(); i++) {
        chains.set(
            i,
            chains.get(i).toBuilder()
                .setMetadata(
                    Protos.metadata("istio", Map.of("config", Protos.value(port.configPath()))))
                .build());
      }
    }
  }

  private void http(String name, FilterChainMatch match, @Nullable InboundPort port, boolean tls) {
    add(name, match, List.of(HttpConnections.inbound(scope, port, httpRules)), tls, true);
  }

  private void tcp(String name, FilterChainMatch match, String cluster, boolean tls) {
    List<Filter> filters = new ArrayList<>();
    tcpRules.forEach(rule -> filters.add(HttpConnections.networkRbac(rule)));
    filters.add(HttpConnections.tcp(cluster));
    add(name, match, filters, tls, false);
  }

  private void add(
      String name, FilterChainMatch match, List<Filter> filters, boolean tls, boolean http) {
    FilterChain.Builder chain =
        FilterChain.newBuilder().setName(name).setFilterChainMatch(match).addAllFilters(filters);
    if (tls) {
      chain.setTransportSocket(TlsContexts.downstream(mesh.trustDomain(), http));
    }
    chains.add(chain.build());
  }

  private static FilterChainMatch match(int port, String transport, List<String> protocols) {
    FilterChainMatch.Builder match =
        FilterChainMatch.newBuilder()
            .setTransportProtocol(transport)
            .addAllApplicationProtocols(protocols);
    if (port > 0) {
      match.setDestinationPort(Protos.uint(port));
    }
    return match.build();
  }

  private static ListenerFilterChainMatchPredicate onPorts(TreeSet<Integer> ports) {
    List<ListenerFilterChainMatchPredicate> rules = new ArrayList<>();
    ports.forEach(port -> rules.add(onPort(port)));
    if (rules.size() == 1) {
      return rules.get(0);
    }
    return ListenerFilterChainMatchPredicate.newBuilder()
        .setOrMatch(ListenerFilterChainMatchPredicate.MatchSet.newBuilder().addAllRules(rules))
        .build();
  }

  private static ListenerFilterChainMatchPredicate onPort(int port) {
    return ListenerFilterChainMatchPredicate.newBuilder()
        .setDestinationPortRange(Int32Range.newBuilder().setStart(port).setEnd(port + 1))
        .build();
  }
}
