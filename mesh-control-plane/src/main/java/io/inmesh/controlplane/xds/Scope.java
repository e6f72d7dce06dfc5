package io.inmesh.controlplane.xds;

import io.inmesh.controlplane.config.DestinationRule;
import io.inmesh.controlplane.config.HttpRule;
import io.inmesh.controlplane.config.OutboundPolicy;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.Sidecar;
import io.inmesh.controlplane.config.VirtualService;
import io.inmesh.controlplane.registry.Registration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What of the mesh one workload sees, by the Sidecar that is for it. Immutable. */
final class Scope {
  /**
   * An egress listener and where it leads.
   *
   * @param egress null: the whole mesh, since no Sidecar says otherwise
   */
  record Listener(Sidecar.@Nullable Egress egress, List<Service> services) {
    @Nullable ServicePort port() {
      return egress == null ? null : egress.port();
    }
  }

  private final Mesh mesh;
  private final Registration node;
  private final @Nullable Sidecar sidecar;
  private final List<Listener> listeners = new ArrayList<>();
  private final Map<String, Service> services = new TreeMap<>();

  Scope(Mesh mesh, Registration node) {
    this.mesh = mesh;
    this.node = node;
    this.sidecar = mesh.sidecar(node);
    List<Service> visible = mesh.services(node.namespace());
    if (sidecar == null || sidecar.egress().isEmpty()) {
      listeners.add(new Listener(null, visible));
    } else {
      sidecar.egress().forEach(egress -> listeners.add(listener(egress, visible)));
    }
    listeners.forEach(listener -> listener.services().forEach(this::add));
    listeners.forEach(listener -> destinations(listener, visible));
  }

  private Listener listener(Sidecar.Egress egress, List<Service> visible) {
    ServicePort port = egress.port();
    List<Service> some = new ArrayList<>();
    for (Service service : visible) {
      if (egress.hosts().stream()
          .anyMatch(host -> host.matches(service.namespace(), service.host(), node.namespace()))) {
        Service known = port == null ? service : service.only(number -> number == port.number());
        if (!known.ports().isEmpty()) {
          some.add(known);
        }
      }
    }
    return new Listener(egress, List.copyOf(some));
  }

  private void add(Service service) {
    services.merge(service.host(), service, Scope::joined);
  }

  private static Service joined(Service a, Service b) {
    Set<Integer> ports = new TreeSet<>();
    a.ports().forEach(port -> ports.add(port.number()));
    b.ports().forEach(port -> ports.add(port.number()));
    List<ServicePort> all =
        a.entry().ports().stream().filter(port -> ports.contains(port.number())).toList();
    return new Service(a.host(), a.entry(), all, a.endpoints(), a.identities());
  }

  /** As istiod: where a VirtualService in scope leads is in scope, even if nobody listed it. */
  private void destinations(Listener listener, List<Service> visible) {
    Sidecar.Egress egress = listener.egress();
    if (egress == null) {
      return;
    }
    Set<String> hosts = new TreeSet<>();
    for (VirtualService virtual : mesh.virtualServices(node.namespace())) {
      if (imports(listener, virtual)) {
        for (HttpRule rule : virtual.http()) {
          rule.route().forEach(destination -> hosts.add(destination.host()));
          rule.mirrors().forEach(mirror -> hosts.add(mirror.destination().host()));
        }
      }
    }
    for (Service service : visible) {
      if (hosts.contains(service.host()) && !services.containsKey(service.host())) {
        services.put(service.host(), service);
      }
    }
  }

  private boolean imports(Listener listener, VirtualService virtual) {
    Sidecar.Egress egress = listener.egress();
    return egress == null
        || virtual.hosts().stream()
            .anyMatch(
                host ->
                    egress.hosts().stream()
                        .anyMatch(
                            pattern ->
                                pattern.matches(
                                    virtual.meta().namespace(), host, node.namespace())));
  }

  Mesh mesh() {
    return mesh;
  }

  Registration node() {
    return node;
  }

  @Nullable Sidecar sidecar() {
    return sidecar;
  }

  List<Listener> listeners() {
    return listeners;
  }

  /** Everything that any listener leads to, by host name. */
  Collection<Service> services() {
    return services.values();
  }

  @Nullable DestinationRule destinationRule(String host) {
    return mesh.destinationRule(host, node.namespace());
  }

  @Nullable VirtualService virtualService(Listener listener, String host) {
    VirtualService virtual = mesh.virtualService(host, node.namespace());
    return virtual != null && imports(listener, virtual) ? virtual : null;
  }

  /** The listener whose services a route configuration has: the one of that port, else the rest. */
  Listener forRoutes(int port) {
    for (Listener listener : listeners) {
      ServicePort own = listener.port();
      if (own != null && own.number() == port) {
        return listener;
      }
    }
    for (Listener listener : listeners) {
      if (listener.port() == null) {
        return listener;
      }
    }
    return new Listener(null, List.of());
  }

  boolean registryOnly() {
    OutboundPolicy own = sidecar == null ? null : sidecar.outboundPolicy();
    return (own == null ? mesh.outboundPolicy() : own) == OutboundPolicy.REGISTRY_ONLY;
  }

  /** Where connections to unknown destinations go. */
  String otherwise() {
    return registryOnly() ? StaticClusters.BLACK_HOLE : StaticClusters.PASSTHROUGH;
  }
}
