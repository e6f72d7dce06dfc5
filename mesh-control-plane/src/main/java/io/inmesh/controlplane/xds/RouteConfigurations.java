package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.route.v3.Decorator;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.VirtualService;
import io.inmesh.controlplane.registry.Registration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One route configuration for each HTTP port, named by its number: a virtual host for each service,
 * at last {@code allow_any}.
 */
final class RouteConfigurations {
  private static final String SUFFIX = ".svc.cluster.local";

  private final Scope scope;
  private final Registration node;

  RouteConfigurations(Scope scope) {
    this.scope = scope;
    this.node = scope.node();
  }

  Map<String, RouteConfiguration> all() {
    TreeSet<Integer> ports = new TreeSet<>();
    for (Scope.Listener listener : scope.listeners()) {
      ServicePort own = listener.port();
      if (own != null && own.protocol().isHttp()) {
        ports.add(own.number());
      }
      for (Service service : listener.services()) {
        service.ports().stream()
            .filter(port -> port.protocol().isHttp())
            .forEach(port -> ports.add(port.number()));
      }
    }
    Map<String, RouteConfiguration> configurations = new LinkedHashMap<>();
    for (int port : ports) {
      configurations.put(String.valueOf(port), configuration(port));
    }
    return configurations;
  }

  /**
   * What istiod answers for a name that no port has: for a number only the catch-all, else nothing
   * at all.
   */
  static RouteConfiguration unknown(String name, boolean registryOnly) {
    return name.matches("[0-9]{1,5}")
        ? shell(name).addVirtualHosts(otherwise(registryOnly)).build()
        : RouteConfiguration.newBuilder().setName(name).build();
  }

  private RouteConfiguration configuration(int port) {
    RouteConfiguration.Builder configuration = shell(String.valueOf(port));
    Scope.Listener listener = scope.forRoutes(port);
    Set<String> taken = new HashSet<>();
    for (Service service : listener.services()) {
      if (service.ports().stream().anyMatch(p -> p.number() == port && p.protocol().isHttp())) {
        VirtualHost.Builder host =
            VirtualHost.newBuilder()
                .setName(service.host() + ":" + port)
                .addAllRoutes(routes(listener, service, port))
                .setIncludeRequestAttemptCount(true);
        for (String domain : domains(service)) {
          if (taken.add(domain)) { // Envoy refuses a domain that is there twice
            host.addDomains(domain);
          }
        }
        configuration.addVirtualHosts(host);
      }
    }
    return configuration.addVirtualHosts(otherwise(scope.registryOnly())).build();
  }

  private static RouteConfiguration.Builder shell(String name) {
    return RouteConfiguration.newBuilder()
        .setName(name)
        .setValidateClusters(com.google.protobuf.BoolValue.of(false))
        .setMaxDirectResponseBodySizeBytes(Protos.uint(1024 * 1024))
        .setIgnorePortInHostMatching(true);
  }

  private static VirtualHost otherwise(boolean registryOnly) {
    return registryOnly ? blockAll() : allowAny();
  }

  private static VirtualHost blockAll() {
    return VirtualHost.newBuilder()
        .setName("block_all")
        .addDomains("*")
        .addRoutes(
            Route.newBuilder()
                .setName("block_all")
                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                .setDirectResponse(DirectResponseAction.newBuilder().setStatus(502)))
        .setIncludeRequestAttemptCount(true)
        .build();
  }

  private static VirtualHost allowAny() {
    return VirtualHost.newBuilder()
        .setName("allow_any")
        .addDomains("*")
        .addRoutes(
            Route.newBuilder()
                .setName("allow_any")
                .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                .setRoute(
                    HttpRoutes.noTimeouts(RouteAction.newBuilder())
                        .setCluster(StaticClusters.PASSTHROUGH)))
        .setIncludeRequestAttemptCount(true)
        .build();
  }

  /** The host, the short forms that mean it in the client's namespace, the addresses. */
  private Set<String> domains(Service service) {
    Set<String> domains = new LinkedHashSet<>();
    String host = service.host();
    domains.add(host);
    String[] parts =
        host.endsWith(SUFFIX)
            ? host.substring(0, host.length() - SUFFIX.length()).split("\\.")
            : new String[0];
    if (parts.length == 2) {
      String qualified = parts[0] + "." + parts[1];
      if (parts[1].equals(node.namespace())) {
        domains.add(parts[0]);
        domains.add(qualified + ".svc");
        domains.add(qualified);
      } else {
        domains.add(qualified);
        domains.add(qualified + ".svc");
      }
    }
    service.entry().addresses().stream()
        .filter(address -> !address.contains("/"))
        .forEach(address -> domains.add(address.contains(":") ? "[" + address + "]" : address));
    return domains;
  }

  private List<Route> routes(Scope.Listener listener, Service service, int port) {
    VirtualService virtual = scope.virtualService(listener, service.host());
    if (virtual != null) {
      return new HttpRoutes(scope, virtual, port).all();
    }
    List<Route> routes = new ArrayList<>();
    RouteAction.Builder action =
        HttpRoutes.noTimeouts(RouteAction.newBuilder())
            .setCluster(OutboundClusters.name(port, "", service.host()))
            .setRetryPolicy(RetryPolicies.standard());
    HashPolicies.add(action, scope.destinationRule(service.host()), "", port);
    routes.add(
        Route.newBuilder()
            .setName("default")
            .setMatch(RouteMatch.newBuilder().setPrefix("/"))
            .setRoute(action)
            .setDecorator(Decorator.newBuilder().setOperation(service.host() + ":" + port + "/*"))
            .build());
    return routes;
  }
}
