package io.inmesh.config;

import io.inmesh.config.InboundChain.DownstreamTls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code FilterChain} of either direction, without routes.
 *
 * @param name {@code virtualInbound/0.0.0.0_18080}
 * @param http null: a TCP chain
 * @param tcp clusters of the TCP proxy with their weights; empty for HTTP
 * @param networkFilters those that judge the connection, in order
 */
record ChainSpec(
    String name,
    @Nullable DownstreamTls tls,
    @Nullable ManagerTemplate http,
    List<TcpCluster> tcp,
    List<HttpFilterConfig> networkFilters,
    @Nullable NotYet notYet) {

  /** {@code cluster}, or one of {@code weighted_clusters}. */
  record TcpCluster(String name, long weight) {}
}
