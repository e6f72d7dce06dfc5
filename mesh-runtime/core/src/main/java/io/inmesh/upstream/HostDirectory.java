package io.inmesh.upstream;

import io.inmesh.config.Endpoint;
import io.inmesh.config.LocalityEndpoints;
import io.inmesh.config.TransportSockets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The hosts of a cluster by address. A host that is gone from the configuration but still leased is
 * kept aside, so that it is the same object if it returns. Used by one thread at a time.
 */
final class HostDirectory {
  private Map<String, Host> current = new HashMap<>();
  private final Map<String, Host> leaving = new HashMap<>();

  Collection<Host> current() {
    return current.values();
  }

  void describe(TransportSockets sockets) {
    for (Host host : current.values()) {
      host.describe(host.endpoint(), sockets.of(host.endpoint()));
    }
  }

  /** Makes the new set; hosts that are not in it stay known until {@link #leave}. */
  HostSet update(
      List<LocalityEndpoints> localities,
      int overprovisioningPercent,
      TransportSockets sockets,
      long nowNanos) {
    Map<String, Host> named = new LinkedHashMap<>();
    List<List<HostSet.Locality>> levels = new ArrayList<>();
    levels.add(new ArrayList<>());
    for (LocalityEndpoints locality : localities) {
      while (levels.size() <= locality.priority()) {
        levels.add(new ArrayList<>());
      }
      List<Host> hosts = new ArrayList<>(locality.endpoints().size());
      for (Endpoint endpoint : locality.endpoints()) {
        String address = endpoint.address();
        if (named.containsKey(address)) {
          continue; // named twice: the first counts, as in Envoy
        }
        Host host = host(address, endpoint, sockets, nowNanos);
        host.priority(locality.priority());
        named.put(address, host);
        hosts.add(host);
      }
      levels
          .get(locality.priority())
          .add(new HostSet.Locality(locality.locality(), locality.weight(), List.copyOf(hosts)));
    }
    List<HostSet.Level> frozen = new ArrayList<>();
    levels.forEach(level -> frozen.add(new HostSet.Level(List.copyOf(level))));
    return new HostSet(List.copyOf(frozen), List.copyOf(named.values()), overprovisioningPercent);
  }

  /** Hosts that are not in the set are no longer current. */
  void leave(HostSet set, Consumer<Host> removed) {
    Map<String, Host> before = current;
    current = new HashMap<>();
    set.hosts().forEach(host -> current.put(host.address(), host));
    leaving.values().removeIf(host -> host.active() == 0);
    before.forEach(
        (address, host) -> {
          if (!current.containsKey(address)) {
            host.removed(true);
            removed.accept(host);
            if (host.active() > 0) {
              leaving.put(address, host);
            }
          }
        });
  }

  private Host host(String address, Endpoint endpoint, TransportSockets sockets, long nowNanos) {
    Host host = current.get(address);
    if (host == null) {
      host = leaving.remove(address);
      if (host != null) {
        host.monitor().readmit();
        host.started(nowNanos);
        host.removed(false);
      }
    }
    if (host == null) {
      return new Host(endpoint, sockets.of(endpoint), nowNanos);
    }
    host.describe(endpoint, sockets.of(endpoint));
    return host;
  }
}
