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
import io.inmesh.controlplane.registry.Registration;
import java.util.ArrayList;
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
  private final List<RBAC> httpRules;
  private final List<RBAC> tcpRules;
  private final List<FilterChain> chains = new ArrayList<>();

  InboundListener(Mesh mesh, Registration node) {
    this.mesh = mesh;
    this.node = node;
    Rbac rbac = new Rbac(mesh.policies(node));
    this.httpRules = rbac.rules(true);
    this.tcpRules = rbac.rules(false);
  }

  Listener build() {
    Map<String, String> labels = mesh.labels(node);
    chains.add(
        FilterChain.newBuilder()
            .setName("virtualInbound-blackhole")
            .setFilterChainMatch(
                FilterChainMatch.newBuilder().setDestinationPort(Protos.uint(PORT)))
            .addFilters(HttpConnections.tcp(StaticClusters.BLACK_HOLE))
            .build());
    Mode catchAll = mesh.modes().mode(node.namespace(), labels);
    catchAll(catchAll);
    TreeSet<Integer> noTls = new TreeSet<>(List.of(PORT));
    TreeSet<Integer> declared = new TreeSet<>(List.of(PORT));
    boolean tls = catchAll != Mode.DISABLE;
    for (Mesh.InboundPort port : mesh.inboundPorts(node)) {
      int number = port.endpoint().port();
      Mode mode = mesh.modes().mode(node.namespace(), labels, number);
      declared(port, mode);
      declared.add(number);
      if (mode == Mode.DISABLE) {
        noTls.add(number);
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
      listener.addListenerFilters(
          ListenerFilter.newBuilder()
              .setName("envoy.filters.listener.tls_inspector")
              .setTypedConfig(
                  Protos.any(
                      TlsInspector.newBuilder().setInitialReadBufferSize(Protos.uint(512)).build()))
              .setFilterDisabled(onPorts(noTls)));
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

  private void declared(Mesh.InboundPort port, Mode mode) {
    int number = port.endpoint().port();
    String name = "0.0.0.0_" + number;
    String cluster = StaticClusters.inboundName(number);
    boolean isHttp = port.servicePort().protocol().isHttp();
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
  }

  private void http(
      String name, FilterChainMatch match, Mesh.@Nullable InboundPort port, boolean tls) {
    add(name, match, List.of(HttpConnections.inbound(port, httpRules)), tls, true);
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
    rules.add(onPort(PORT));
    ports.stream().filter(port -> port != PORT).forEach(port -> rules.add(onPort(port)));
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
