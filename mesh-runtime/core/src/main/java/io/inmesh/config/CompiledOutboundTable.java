package io.inmesh.config;

import io.inmesh.config.CompiledListener.Address;
import io.inmesh.match.IpAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Listeners by port and then by address or name. As on a socket, the exact address comes before
 * {@code 0.0.0.0}; a name stands for its address where the configuration tells it.
 */
final class CompiledOutboundTable implements OutboundTable {
  /** What is known of one port. The answer for plaintext HTTP is ready where it can be. */
  private static final class Port {
    private final Map<String, Entry> byHost = new HashMap<>();
    private @Nullable Entry wildcard;
  }

  private record Entry(
      BoundListener listener, @Nullable IpAddress address, @Nullable OutboundTarget http) {
    static Entry of(BoundListener listener, String host, int port, @Nullable IpAddress address) {
      boolean fixed =
          listener.listener().matcher().onlyPortAndProtocol()
              && listener.listener().chains().stream().noneMatch(chain -> chain.tcp().size() > 1);
      OutboundTarget http = fixed ? listener.outbound(host, address, port, false) : null;
      return new Entry(listener, address, http);
    }
  }

  private final Map<Integer, Port> ports = new HashMap<>();
  private @Nullable BoundListener redirected;

  /**
   * @param names addresses of names, in lower case
   * @param hostPorts listeners that are known by a name, {@code host:port} in lower case
   */
  CompiledOutboundTable(
      Collection<BoundListener> listeners,
      Map<String, String> names,
      Map<String, BoundListener> hostPorts) {
    for (BoundListener bound : listeners) {
      if (!bound.listener().inbound()) {
        for (Address address : bound.listener().addresses()) {
          add(bound, address);
        }
      }
    }
    hostPorts.forEach(
        (hostPort, bound) -> {
          int colon = hostPort.lastIndexOf(':');
          int number = Integer.parseInt(hostPort.substring(colon + 1));
          Port port = ports.computeIfAbsent(number, p -> new Port());
          String host = hostPort.substring(0, colon);
          port.byHost.putIfAbsent(host, Entry.of(bound, host, number, ipOf(bound)));
        });
    new TreeMap<>(names).forEach(this::addName);
  }

  private static @Nullable IpAddress ipOf(BoundListener bound) {
    return bound.listener().addresses().isEmpty()
        ? null
        : IpAddress.parse(bound.listener().addresses().get(0).ip());
  }

  private void add(BoundListener bound, Address address) {
    if (bound.listener().originalDestination()) {
      redirected = redirected == null || address.ip().equals("0.0.0.0") ? bound : redirected;
      return;
    }
    Port port = ports.computeIfAbsent(address.port(), p -> new Port());
    if (address.wildcard()) {
      if (port.wildcard == null || address.ip().equals("0.0.0.0")) {
        port.wildcard = Entry.of(bound, address.ip(), address.port(), null);
      }
    } else {
      IpAddress ip = IpAddress.parse(address.ip());
      port.byHost.put(address.ip(), Entry.of(bound, address.ip(), address.port(), ip));
    }
  }

  private void addName(String name, String ip) {
    for (Port port : ports.values()) {
      Entry entry = port.byHost.get(ip);
      if (entry != null) {
        port.byHost.putIfAbsent(name, entry);
      }
    }
  }

  @Override
  public OutboundTarget http(String host, int port) {
    Entry entry = entry(host, port);
    if (entry == null) {
      return other(host, port, false);
    }
    return entry.http() != null ? entry.http() : find(entry, host, port, false);
  }

  @Override
  public OutboundTarget tcp(String host, int port) {
    Entry entry = entry(host, port);
    return entry == null ? other(host, port, true) : find(entry, host, port, true);
  }

  private static OutboundTarget find(Entry entry, String host, int port, boolean tls) {
    IpAddress address = entry.address() == null ? IpAddress.parse(host) : entry.address();
    return entry.listener().outbound(host.toLowerCase(Locale.ROOT), address, port, tls);
  }

  private @Nullable Entry entry(String host, int port) {
    Port found = ports.get(port);
    if (found == null) {
      return null;
    }
    if (!found.byHost.isEmpty()) {
      Entry exact = found.byHost.get(host);
      if (exact == null) {
        exact = found.byHost.get(host.toLowerCase(Locale.ROOT));
      }
      if (exact != null) {
        return exact;
      }
    }
    return found.wildcard;
  }

  private OutboundTarget other(String host, int port, boolean tls) {
    BoundListener listener = redirected;
    if (listener == null) {
      return new OutboundTarget.Unsupported(
          new NotYet(
              "listeners",
              host + ":" + port,
              "no listener for this destination, and none that takes the rest (virtualOutbound)",
              false));
    }
    return listener.outbound(host, IpAddress.parse(host), port, tls);
  }
}
