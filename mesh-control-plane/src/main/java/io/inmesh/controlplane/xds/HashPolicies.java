package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.inmesh.controlplane.config.DestinationRule;
import io.inmesh.controlplane.config.TrafficPolicy;
import org.jspecify.annotations.Nullable;

/** consistentHash: the balancer is the cluster's, what is hashed is the route's. */
final class HashPolicies {
  private HashPolicies() {}

  static void add(
      RouteAction.Builder action, @Nullable DestinationRule rule, String subset, int port) {
    TrafficPolicy policy = OutboundClusters.policy(rule, subset, port);
    TrafficPolicy.LoadBalancer balancer = policy == null ? null : policy.loadBalancer();
    TrafficPolicy.ConsistentHash hash = balancer == null ? null : balancer.hash();
    if (hash == null) {
      return;
    }
    RouteAction.HashPolicy.Builder built = RouteAction.HashPolicy.newBuilder();
    if (!hash.header().isEmpty()) {
      built.setHeader(RouteAction.HashPolicy.Header.newBuilder().setHeaderName(hash.header()));
    } else if (!hash.cookie().isEmpty()) {
      RouteAction.HashPolicy.Cookie.Builder cookie =
          RouteAction.HashPolicy.Cookie.newBuilder()
              .setName(hash.cookie())
              .setPath(hash.cookiePath());
      if (hash.cookieTtl() != null) {
        cookie.setTtl(Protos.duration(hash.cookieTtl()));
      }
      built.setCookie(cookie);
    } else if (!hash.queryParameter().isEmpty()) {
      built.setQueryParameter(
          RouteAction.HashPolicy.QueryParameter.newBuilder().setName(hash.queryParameter()));
    } else {
      built.setConnectionProperties(
          RouteAction.HashPolicy.ConnectionProperties.newBuilder().setSourceIp(true));
    }
    action.addHashPolicy(built);
  }
}
