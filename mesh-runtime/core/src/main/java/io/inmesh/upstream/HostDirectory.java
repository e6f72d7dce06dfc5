package io.inmesh.upstream;

import io.inmesh.config.Endpoint;
import io.inmesh.config.LocalityEndpoints;
import io.inmesh.config.TransportSockets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster by address. A host that is gone from the configuration but still leased is
 * kept aside, so that it is the same object if it returns. Used by one thread at a time. Between
 * updates there are no maps: of ten thousand clusters few change at a time.
 */
final class HostDirectory {
  private List<Host> current = List.of();
  private Map<String, Host> leaving = Map.of();

  List<Host> current() {
    return current;
  }

  void describe(TransportSockets sockets) {
    for (Host host : current) {
      host.describe(host.endpoint(), sockets.of(host.endpoint()));
    }
  }

  /** Makes the new set; hosts that are not in it stay known until {@link #leave}. */
  HostSet update(
      List<LocalityEndpoints> localities,
      int overprovisioningPercent,
      TransportSockets sockets,
      long nowNanos) {
    Map<String, Host> known = byAddress(current);
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
        Host host = host(known.get(address), address, endpoint, sockets, nowNanos);
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
    Map<String, Host> staying = byAddress(set.hosts());
    Map<String, Host> leased = new HashMap<>(leaving);
    leased.values().removeIf(host -> host.active() == 0);
    for (Host host : current) {
      if (!staying.containsKey(host.address())) {
        host.removed(true);
        removed.accept(host);
        if (host.active() > 0) {
          leased.put(host.address(), host);
        }
      }
    }
    current = set.hosts();
    leaving = leased.isEmpty() ? Map.of() : leased;
  }

  private static Map<String, Host> byAddress(List<Host> hosts) {
    Map<String, Host> map = new HashMap<>();
    hosts.forEach(host -> map.put(host.address(), host));
    return map;
  }

  private Host host(
      @Nullable Host known,
      String address,
      Endpoint endpoint,
      TransportSockets sockets,
      long nowNanos) {
    Host host = known;
    if (host == null) {
      host = leaving.get(address);
      if (host != null) {
        leaving.remove(address);
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
