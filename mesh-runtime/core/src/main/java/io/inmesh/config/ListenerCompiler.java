package io.inmesh.config;

import io.inmesh.config.ChainMatcher.Criteria;
import io.inmesh.config.CompiledListener.Address;
import io.inmesh.proto.envoy.config.core.v3.TrafficDirection;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.FilterChainMatch;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.listener.v3.ListenerFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.listener.v3.Listener}. */
final class ListenerCompiler {
  private static final String ORIGINAL_DST =
      "envoy.extensions.filters.listener.original_dst.v3.OriginalDst";

  private ListenerCompiler() {}

  /**
   * @return null: a listener without a direction, which is the sidecar's own (its admin, its
   *     metrics) and takes no traffic of the application
   */
  static @Nullable CompiledListener compile(Listener proto, Predicate<String> clusterExists) {
    if (proto.getTrafficDirection() == TrafficDirection.UNSPECIFIED || proto.hasApiListener()) {
      return null;
    }
    boolean inbound = proto.getTrafficDirection() == TrafficDirection.INBOUND;
    boolean originalDestination = proto.getUseOriginalDst().getValue();
    NotYet whole = null;
    for (ListenerFilter filter : proto.getListenerFiltersList()) {
      String type = TypedConfig.of(filter.getTypedConfig()).type();
      boolean original = type.equals(ORIGINAL_DST);
      originalDestination |= original;
      if (!original && !Inspectors.isTls(type) && !Inspectors.isHttp(type)) {
        whole = new NotYet(proto.getName(), filter.getName(), "does not run", true);
      }
    }
    if (proto.hasFilterChainMatcher()) {
      whole =
          new NotYet(
              proto.getName(), "filter_chain_matcher", "matcher trees are not implemented", true);
    }
    if (proto.getFilterChainsList().stream()
        .anyMatch(chain -> chain.getFilterChainMatch().getSourcePortsCount() > 0)) {
      whole =
          new NotYet(
              proto.getName(),
              "filter_chain_match.source_ports",
              "the caller's port is not looked at, and another chain may be weaker",
              true);
    }
    ChainMatcher matcher = new ChainMatcher();
    List<ChainSpec> chains = new ArrayList<>();
    for (int i = 0; i < proto.getFilterChainsCount(); i++) {
      try {
        FilterChain chain = proto.getFilterChains(i);
        Criteria criteria =
            ConfigException.field(
                "filter_chain_match",
                proto.hasFilterChainMatcher()
                    ? FilterChainMatch.getDefaultInstance()
                    : chain.getFilterChainMatch(),
                FilterChainCompiler::criteria);
        if (!proto.hasFilterChainMatcher() || i == 0) {
          matcher.add(criteria, i);
        }
        chains.add(chain(chain, proto.getName(), inbound, clusterExists, whole));
      } catch (ConfigException e) {
        throw e.in("filter_chains[" + i + "]");
      }
    }
    int fallback = ChainMatcher.NONE;
    if (proto.hasDefaultFilterChain()) {
      fallback = chains.size();
      try {
        chains.add(
            chain(proto.getDefaultFilterChain(), proto.getName(), inbound, clusterExists, whole));
      } catch (ConfigException e) {
        throw e.in("default_filter_chain");
      }
    }
    return new CompiledListener(
        proto.getName(),
        inbound,
        addresses(proto),
        originalDestination,
        Inspectors.of(proto),
        matcher,
        List.copyOf(chains),
        fallback);
  }

  private static ChainSpec chain(
      FilterChain proto,
      String listener,
      boolean inbound,
      Predicate<String> clusterExists,
      @Nullable NotYet whole) {
    ChainSpec chain = FilterChainCompiler.compile(proto, listener, inbound, clusterExists);
    return whole == null
        ? chain
        : new ChainSpec(
            chain.name(), chain.tls(), chain.http(), chain.tcp(), chain.networkFilters(), whole);
  }

  private static List<Address> addresses(Listener proto) {
    List<Address> addresses = new ArrayList<>();
    add(addresses, proto.getAddress());
    proto.getAdditionalAddressesList().forEach(more -> add(addresses, more.getAddress()));
    return List.copyOf(addresses);
  }

  private static void add(
      List<Address> addresses, io.inmesh.proto.envoy.config.core.v3.Address proto) {
    if (proto.hasSocketAddress()) {
      var socket = proto.getSocketAddress();
      addresses.add(new Address(socket.getAddress(), socket.getPortValue()));
    }
  }
}
