package io.inmesh.benchmarks.decision;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.inmesh.benchmarks.Protos;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.core.v3.TrafficDirection;
import io.inmesh.proto.envoy.config.listener.v3.FilterChainMatch;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.proto.envoy.config.rbac.v3.Permission;
import io.inmesh.proto.envoy.config.rbac.v3.Policy;
import io.inmesh.proto.envoy.config.rbac.v3.Principal;
import io.inmesh.proto.envoy.config.route.v3.Decorator;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteAction;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import io.inmesh.proto.envoy.extensions.filters.http.cors.v3.Cors;
import io.inmesh.proto.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.inmesh.proto.envoy.type.matcher.v3.PathMatcher;
import io.inmesh.proto.envoy.type.matcher.v3.StringMatcher;

/** A server's listener as istiod makes it, with the policies of an AuthorizationPolicy each. */
final class InboundProtos {
  static final int PORT = 8080;

  private InboundProtos() {}

  static String path(int number) {
    return "/api/resource-" + number;
  }

  static String principal(int number) {
    return "spiffe://cluster.local/ns/bench/sa/caller-" + number;
  }

  static Cluster cluster() {
    return Cluster.newBuilder()
        .setName("inbound|8080||")
        .setType(Cluster.DiscoveryType.ORIGINAL_DST)
        .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED)
        .setConnectTimeout(Duration.newBuilder().setSeconds(10))
        .build();
  }

  static Listener listener(int policies) {
    HttpConnectionManager.Builder manager =
        Protos.manager()
            .setServerName("istio-envoy")
            .setForwardClientCertDetails(ForwardClientCertDetails.APPEND_FORWARD)
            .setSetCurrentClientCertDetails(
                HttpConnectionManager.SetCurrentClientCertDetails.newBuilder()
                    .setSubject(BoolValue.of(true))
                    .setUri(true)
                    .setDns(true))
            .setRouteConfig(routes());
    if (policies > 0) {
      manager.addHttpFilters(Protos.filter("envoy.filters.http.rbac", rbac(policies)));
    }
    manager
        .addHttpFilters(Protos.filter("envoy.filters.http.fault", HTTPFault.getDefaultInstance()))
        .addHttpFilters(Protos.filter("envoy.filters.http.cors", Cors.getDefaultInstance()))
        .addHttpFilters(Protos.filter("envoy.filters.http.router", Router.getDefaultInstance()));
    return Listener.newBuilder()
        .setName("virtualInbound")
        .setAddress(Protos.address("0.0.0.0", 15006))
        .setUseOriginalDst(BoolValue.of(true))
        .setTrafficDirection(TrafficDirection.INBOUND)
        .addFilterChains(
            Protos.chain(
                FilterChainMatch.newBuilder().setDestinationPort(UInt32Value.of(PORT)).build(),
                manager.build()))
        .build();
  }

  private static RouteConfiguration routes() {
    return RouteConfiguration.newBuilder()
        .setName("inbound|8080||")
        .addVirtualHosts(
            VirtualHost.newBuilder()
                .setName("inbound|http|8080")
                .addDomains("*")
                .addRoutes(
                    Route.newBuilder()
                        .setName("default")
                        .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                        .setDecorator(
                            Decorator.newBuilder()
                                .setOperation("service-0.bench.svc.cluster.local:8080/*"))
                        .setRoute(
                            RouteAction.newBuilder()
                                .setCluster("inbound|8080||")
                                .setTimeout(Duration.getDefaultInstance()))))
        .build();
  }

  private static RBAC rbac(int policies) {
    io.inmesh.proto.envoy.config.rbac.v3.RBAC.Builder rules =
        io.inmesh.proto.envoy.config.rbac.v3.RBAC.newBuilder();
    for (int i = 0; i < policies; i++) {
      // zero-padded: policies are judged in the order of their names
      rules.putPolicies("ns[bench]-policy[p%04d]-rule[0]".formatted(i), policy(i));
    }
    return RBAC.newBuilder().setRules(rules).build();
  }

  private static Policy policy(int number) {
    Permission path =
        Permission.newBuilder()
            .setUrlPath(
                PathMatcher.newBuilder().setPath(StringMatcher.newBuilder().setExact(path(number))))
            .build();
    Principal caller =
        Principal.newBuilder()
            .setAuthenticated(
                Principal.Authenticated.newBuilder()
                    .setPrincipalName(StringMatcher.newBuilder().setExact(principal(number))))
            .build();
    return Policy.newBuilder()
        .addPermissions(
            Permission.newBuilder().setAndRules(Permission.Set.newBuilder().addRules(or(path))))
        .addPrincipals(
            Principal.newBuilder().setAndIds(Principal.Set.newBuilder().addIds(or(caller))))
        .build();
  }

  private static Permission or(Permission rule) {
    return Permission.newBuilder().setOrRules(Permission.Set.newBuilder().addRules(rule)).build();
  }

  private static Principal or(Principal id) {
    return Principal.newBuilder().setOrIds(Principal.Set.newBuilder().addIds(id)).build();
  }
}
