package io.inmesh.config;

import io.inmesh.config.CompiledListener.Address;
import io.inmesh.match.IpAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Listeners by port: the one of the address, else one that stands for the port (a process listens
 * where it likes, not where the listener says), else the one that takes what was redirected.
 */
final class CompiledInboundTable implements InboundTable {
  private final Map<Integer, Map<String, BoundListener>> byAddress = new HashMap<>();
  private final Map<Integer, BoundListener> byPort = new HashMap<>();
  private @Nullable BoundListener redirected4;
  private @Nullable BoundListener redirected6;

  CompiledInboundTable(Collection<BoundListener> listeners) {
    for (BoundListener bound : listeners) {
      if (!bound.listener().inbound()) {
        continue;
      }
      for (Address address : bound.listener().addresses()) {
        add(bound, address);
      }
    }
  }

  private void add(BoundListener bound, Address address) {
    if (bound.listener().originalDestination()) {
      if (address.ip().indexOf(':') >= 0) {
        redirected6 = redirected6 == null ? bound : redirected6;
      } else {
        redirected4 = redirected4 == null ? bound : redirected4;
      }
      return;
    }
    byAddress.computeIfAbsent(address.port(), port -> new HashMap<>()).put(address.ip(), bound);
    if (address.wildcard() || !byPort.containsKey(address.port())) {
      byPort.put(address.port(), bound);
    }
  }

  @Override
  public @Nullable InboundChain find(ConnectionFacts facts) {
    BoundListener listener = listener(facts);
    return listener == null
        ? null
        : listener.inbound(
            new ChainMatcher.Facts(
                IpAddress.parse(facts.localIp()),
                facts.localPort(),
                IpAddress.parse(facts.remoteIp()),
                0,
                facts.tls(),
                facts.sni(),
                facts.alpn()));
  }

  private @Nullable BoundListener listener(ConnectionFacts facts) {
    Map<String, BoundListener> addresses = byAddress.get(facts.localPort());
    if (addresses != null) {
      BoundListener exact = addresses.get(facts.localIp());
      return exact == null ? byPort.get(facts.localPort()) : exact;
    }
    boolean six = facts.localIp().indexOf(':') >= 0;
    BoundListener own = six ? redirected6 : redirected4;
    return own != null ? own : six ? redirected4 : redirected6;
  }
}
