package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.route.v3.Decorator;
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
import java.util.TreeMap;

/**
 * One route configuration for each HTTP port, named by its number: a virtual host for each service,
 * at last {@code allow_any}.
 */
final class RouteConfigurations {
  private static final String SUFFIX = ".svc.cluster.local";

  private final Mesh mesh;
  private final Registration node;

  RouteConfigurations(Mesh mesh, Registration node) {
    this.mesh = mesh;
    this.node = node;
  }

  Map<String, RouteConfiguration> all() {
    Map<Integer, Map<String, Service>> byPort = new TreeMap<>();
    for (Service service : mesh.services(node.namespace())) {
      for (ServicePort port : service.entry().ports()) {
        if (port.protocol().isHttp()) {
          byPort
              .computeIfAbsent(port.number(), key -> new TreeMap<>())
              .put(service.host(), service);
        }
      }
    }
    Map<String, RouteConfiguration> configurations = new LinkedHashMap<>();
    byPort.forEach(
        (port, services) ->
            configurations.put(String.valueOf(port), configuration(port, services.values())));
    return configurations;
  }

  /**
   * What istiod answers for a name that no port has: for a number only the catch-all, else nothing
   * at all.
   */
  static RouteConfiguration unknown(String name) {
    return name.matches("[0-9]{1,5}")
        ? shell(name).addVirtualHosts(allowAny()).build()
        : RouteConfiguration.newBuilder().setName(name).build();
  }

  private RouteConfiguration configuration(int port, Iterable<Service> services) {
    RouteConfiguration.Builder configuration = shell(String.valueOf(port));
    Set<String> taken = new HashSet<>();
    for (Service service : services) {
      VirtualHost.Builder host =
          VirtualHost.newBuilder()
              .setName(service.host() + ":" + port)
              .addAllRoutes(routes(service, port))
              .setIncludeRequestAttemptCount(true);
      for (String domain : domains(service)) {
        if (taken.add(domain)) { // Envoy refuses a domain that is there twice
          host.addDomains(domain);
        }
      }
      configuration.addVirtualHosts(host);
    }
    return configuration.addVirtualHosts(allowAny()).build();
  }

  private static RouteConfiguration.Builder shell(String name) {
    return RouteConfiguration.newBuilder()
        .setName(name)
        .setValidateClusters(com.google.protobuf.BoolValue.of(false))
        .setMaxDirectResponseBodySizeBytes(Protos.uint(1024 * 1024))
        .setIgnorePortInHostMatching(true);
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
    service
        .entry()
        .addresses()
        .forEach(address -> domains.add(address.contains(":") ? "[" + address + "]" : address));
    return domains;
  }

  private List<Route> routes(Service service, int port) {
    VirtualService virtual = mesh.virtualService(service.host(), node.namespace());
    if (virtual != null) {
      return new HttpRoutes(mesh, node, virtual, port).all();
    }
    List<Route> routes = new ArrayList<>();
    RouteAction.Builder action =
        HttpRoutes.noTimeouts(RouteAction.newBuilder())
            .setCluster(OutboundClusters.name(port, "", service.host()))
            .setRetryPolicy(RetryPolicies.standard());
    HashPolicies.add(action, mesh.destinationRule(service.host(), node.namespace()), "", port);
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
