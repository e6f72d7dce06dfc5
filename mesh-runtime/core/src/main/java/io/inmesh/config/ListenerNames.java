package io.inmesh.config;

import io.inmesh.match.IpAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which names lead to listeners of a single address. A sidecar sees addresses, since the
 * application has asked DNS before; a process sees the name. The configuration tells what belongs
 * together: domains of one virtual host ({@code reviews.shop.svc.cluster.local}, {@code
 * 10.96.0.10}), route configurations called {@code host:port}, clusters called {@code
 * outbound|port|subset|host}.
 */
final class ListenerNames {
  private final String dnsDomain;
  private final Map<String, String> addresses = new HashMap<>();
  private final Map<String, BoundListener> hostPorts = new HashMap<>();

  /**
   * @param dnsDomain the process's own ({@code shop.svc.cluster.local}), for short names; may be
   *     empty
   */
  ListenerNames(String dnsDomain) {
    this.dnsDomain = dnsDomain.toLowerCase(Locale.ROOT);
  }

  Map<String, String> addresses() {
    return addresses;
  }

  Map<String, BoundListener> hostPorts() {
    return hostPorts;
  }

  void read(Collection<BoundListener> listeners, Function<String, CompiledRouteTable> routes) {
    Set<CompiledRouteTable> tables = new HashSet<>();
    for (BoundListener bound : listeners) {
      if (!bound.listener().inbound()) {
        bound.listener().routeNames().forEach(name -> tables.add(routes.apply(name)));
      }
    }
    tables.forEach(table -> table.hosts().forEach(host -> domains(host.domains())));
    for (BoundListener bound : listeners) {
      CompiledListener listener = bound.listener();
      if (!listener.inbound()
          && !listener.originalDestination()
          && listener.addresses().stream().noneMatch(CompiledListener.Address::wildcard)) {
        routeNames(bound);
        clusterNames(bound);
      }
    }
  }

  private void domains(List<String> domains) {
    String ip = null;
    for (String domain : domains) {
      if (IpAddress.parse(domain) != null) {
        ip = domain;
        break;
      }
    }
    if (ip != null) {
      for (String domain : domains) {
        if (domain.indexOf('*') < 0 && IpAddress.parse(domain) == null) {
          addresses.putIfAbsent(domain.toLowerCase(Locale.ROOT), ip);
        }
      }
    }
  }

  private void routeNames(BoundListener bound) {
    for (String name : bound.listener().routeNames()) {
      int colon = name.lastIndexOf(':');
      if (colon > 0) {
        add(bound, name.substring(0, colon), name.substring(colon + 1));
      }
    }
  }

  private void clusterNames(BoundListener bound) {
    for (ChainSpec chain : bound.listener().chains()) {
      for (ChainSpec.TcpCluster cluster : chain.tcp()) {
        String[] parts = cluster.name().split("\\|", -1);
        if (parts.length == 4 && parts[0].equals("outbound")) {
          add(bound, parts[3], parts[1]);
        }
      }
    }
  }

  private void add(BoundListener bound, String host, String port) {
    String lower = host.toLowerCase(Locale.ROOT);
    if (bound.listener().addresses().stream()
        .noneMatch(address -> String.valueOf(address.port()).equals(port))) {
      return;
    }
    // A virtual host that knows the name's address is right; a route may lead to other services.
    @Nullable String known = addresses.get(lower);
    if (known != null
        && bound.listener().addresses().stream().noneMatch(a -> a.ip().equals(known))) {
      return;
    }
    for (String name : forms(lower)) {
      hostPorts.putIfAbsent(name + ":" + port, bound);
    }
  }

  /** The name as the process's DNS search path lets it be written. */
  private List<String> forms(String host) {
    Set<String> forms = new HashSet<>(Set.of(host));
    for (String search = dnsDomain;
        search.indexOf('.') > 0;
        search = search.substring(search.indexOf('.') + 1)) {
      if (host.endsWith("." + search)) {
        forms.add(host.substring(0, host.length() - search.length() - 1));
      }
    }
    return List.copyOf(forms);
  }
}
