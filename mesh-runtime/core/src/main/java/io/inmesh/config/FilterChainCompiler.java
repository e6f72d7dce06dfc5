package io.inmesh.config;

import io.inmesh.config.ChainMatcher.Criteria;
import io.inmesh.config.ChainMatcher.Source;
import io.inmesh.config.ChainSpec.TcpCluster;
import io.inmesh.config.InboundChain.DownstreamTls;
import io.inmesh.proto.envoy.config.listener.v3.Filter;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.FilterChainMatch;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code FilterChain} with its network filters. */
final class FilterChainCompiler {
  /** The cluster that Istio lets those chains lead to that close every connection. */
  static final String BLACK_HOLE = "BlackHoleCluster";

  private static final String NETWORK = "envoy.extensions.filters.network.";
  private static final String HTTP = NETWORK + "http_connection_manager.v3.HttpConnectionManager";
  private static final String TCP = NETWORK + "tcp_proxy.v3.TcpProxy";
  private static final String RBAC = NETWORK + "rbac.v3.RBAC";

  private final String name;
  private final boolean inbound;
  private @Nullable ManagerTemplate http;
  private List<TcpCluster> tcp = List.of();
  private final List<HttpFilterConfig> networkFilters = new ArrayList<>();
  private @Nullable NotYet notYet;

  private FilterChainCompiler(String name, boolean inbound) {
    this.name = name;
    this.inbound = inbound;
  }

  static ChainSpec compile(
      FilterChain proto, String listener, boolean inbound, Predicate<String> clusterExists) {
    String name = proto.getName().isEmpty() ? listener : listener + "/" + proto.getName();
    return new FilterChainCompiler(name, inbound).compile(proto, clusterExists);
  }

  private ChainSpec compile(FilterChain proto, Predicate<String> clusterExists) {
    DownstreamTls tls = null;
    if (proto.hasTransportSocket()) {
      try {
        tls = TransportSocketCompiler.downstream(proto.getTransportSocket());
      } catch (ConfigException e) {
        keepOrThrow(e.in("transport_socket"));
      }
    }
    if (proto.getUseProxyProto().getValue()) {
      missing("use_proxy_proto", "the PROXY protocol is not read", true);
    }
    if (!proto.getUnknownFields().asMap().isEmpty()) {
      missing(
          "fields " + proto.getUnknownFields().asMap().keySet(),
          "are newer than this runtime",
          true);
    }
    for (int i = 0; i < proto.getFiltersCount(); i++) {
      try {
        filter(proto.getFilters(i), i == proto.getFiltersCount() - 1, clusterExists);
      } catch (ConfigException e) {
        keepOrThrow(e.in("filters[" + i + "]"));
      }
    }
    return new ChainSpec(name, tls, http, tcp, List.copyOf(networkFilters), notYet);
  }

  private void keepOrThrow(ConfigException e) {
    if (!e.isNotYet()) {
      throw e;
    }
    missing(e.fieldPath(), e.reason(), true);
  }

  private void missing(String field, String reason, boolean security) {
    if (notYet == null) {
      notYet = new NotYet(name, field, reason, security);
    }
  }

  private void filter(Filter proto, boolean last, Predicate<String> clusterExists) {
    if (proto.hasConfigDiscovery()) {
      missing(
          proto.getName() + ".config_discovery",
          "extension configuration is not asked for (ECDS)",
          true);
      return;
    }
    TypedConfig config =
        ConfigException.field("typed_config", proto.getTypedConfig(), TypedConfig::of);
    switch (config.type()) {
      case HTTP -> {
        terminal(proto, last);
        http =
            ConfigException.field(
                "typed_config",
                config.as(HttpConnectionManager.parser()),
                manager -> HttpManagerCompiler.compile(manager, name, inbound, clusterExists));
      }
      case TCP -> {
        terminal(proto, last);
        tcp =
            ConfigException.field(
                "typed_config", config.as(TcpProxy.parser()), FilterChainCompiler::tcp);
        blackHole();
      }
      case RBAC ->
          networkFilters.add(
              ConfigException.field(
                  "typed_config",
                  config,
                  typed -> RbacFilters.network(proto.getName(), typed, name)));
      case "" -> throw new ConfigException("typed_config", "is required");
      default -> {
        if (!HarmlessFilters.contains(config.type())) {
          missing(proto.getName() + " (" + config.type() + ")", "does not run", true);
        }
      }
    }
  }

  private static void terminal(Filter proto, boolean last) {
    if (!last) {
      throw new ConfigException("name", proto.getName() + " must be the last filter");
    }
  }

  /** Istio's way to say that nobody may come in by this chain. */
  private void blackHole() {
    if (inbound && tcp.size() == 1 && tcp.get(0).name().equals(BLACK_HOLE)) {
      missing(BLACK_HOLE, "connections to it are closed", true);
    }
  }

  private static List<TcpCluster> tcp(TcpProxy proto) {
    if (proto.hasTunnelingConfig()) {
      throw ConfigException.notYet("tunneling_config", "not implemented");
    }
    if (proto.hasMetadataMatch()) {
      throw ConfigException.notYet("metadata_match", "there are no subsets by metadata");
    }
    if (proto.hasOnDemand()) {
      throw ConfigException.notYet("on_demand", "not implemented");
    }
    return switch (proto.getClusterSpecifierCase()) {
      case CLUSTER -> {
        if (proto.getCluster().isEmpty()) {
          throw new ConfigException("cluster", "must not be empty");
        }
        yield List.of(new TcpCluster(proto.getCluster(), 1));
      }
      case WEIGHTED_CLUSTERS ->
          ConfigException.each(
              "weighted_clusters.clusters",
              proto.getWeightedClusters().getClustersList(),
              cluster -> {
                if (cluster.getName().isEmpty() || cluster.getWeight() == 0) {
                  throw new ConfigException("name", "needs a name and a weight of at least 1");
                }
                return new TcpCluster(
                    cluster.getName(), Integer.toUnsignedLong(cluster.getWeight()));
              });
      case CLUSTERSPECIFIER_NOT_SET ->
          throw new ConfigException("cluster_specifier", "is required");
    };
  }

  /** {@code FilterChainMatch}. */
  static Criteria criteria(FilterChainMatch proto) {
    if (!proto.getAddressSuffix().isEmpty() || proto.hasSuffixLen()) {
      throw new ConfigException("address_suffix", "Envoy has not implemented it either");
    }
    int port = proto.getDestinationPort().getValue();
    if (port < 0 || port > 65535 || proto.hasDestinationPort() && port == 0) {
      throw new ConfigException("destination_port", "must be 1 to 65535");
    }
    return new Criteria(
        port,
        CidrRanges.compile("prefix_ranges", proto.getPrefixRangesList()).ranges(),
        proto.getServerNamesList().stream().map(n -> n.toLowerCase(Locale.ROOT)).toList(),
        proto.getTransportProtocol(),
        List.copyOf(proto.getApplicationProtocolsList()),
        CidrRanges.compile("direct_source_prefix_ranges", proto.getDirectSourcePrefixRangesList())
            .ranges(),
        switch (proto.getSourceType()) {
          case ANY -> Source.ANY;
          case SAME_IP_OR_LOOPBACK -> Source.SAME_IP_OR_LOOPBACK;
          case EXTERNAL -> Source.EXTERNAL;
          case UNRECOGNIZED -> throw new ConfigException("source_type", "unknown value");
        },
        CidrRanges.compile("source_prefix_ranges", proto.getSourcePrefixRangesList()).ranges(),
        List.copyOf(proto.getSourcePortsList()));
  }
}
