package io.inmesh.grpc;

import io.inmesh.call.Wire;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.runtime.OutboundSecurity;
import io.inmesh.upstream.Host;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one channel, by host. Entering one takes no lock once it is there. {@link #sweep}
 * retires those that nobody needs: of removed hosts, of an older identity or transport socket, and
 * those that were idle for the cluster's idle time-out.
 */
final class Lines {
  private static final Line[] NONE = new Line[0];

  private final OutboundSecurity security;
  private final Map<Host, Line[]> hosts = new ConcurrentHashMap<>();

  Lines(OutboundSecurity security) {
    this.security = security;
  }

  /**
   * A line for an attempt, which leaves it when its stream is over.
   *
   * @throws IdentityUnavailableException without a certificate to show: nothing goes in clear
   */
  Line enter(Host host, Wire wire) throws IdentityUnavailableException {
    while (true) {
      Line line = find(host, wire);
      if (line == null) {
        line = make(host, wire);
      }
      if (line.enter()) {
        return line;
      }
    }
  }

  private @Nullable Line find(Host host, Wire wire) throws IdentityUnavailableException {
    Line[] lines = hosts.get(host);
    if (lines != null) {
      for (Line line : lines) {
        if ((line.wire == wire || line.wire.equals(wire))
            && (line.tls == null || security.current(line.tls))) {
          return line;
        }
      }
    }
    return null;
  }

  private synchronized Line make(Host host, Wire wire) throws IdentityUnavailableException {
    OutboundTlsContext tls = wire.tls() == null ? null : security.context(wire);
    Line[] before = hosts.getOrDefault(host, NONE);
    for (Line line : before) {
      if (line.wire.equals(wire) && Objects.equals(line.tls, tls)) {
        return line;
      }
    }
    Line made = new Line(host, wire, tls);
    Line[] after = Arrays.copyOf(before, before.length + 1);
    after[before.length] = made;
    hosts.put(host, after);
    return made;
  }

  /**
   * Now and then.
   *
   * @param close what to do with a line that was retired
   */
  synchronized void sweep(long nowNanos, Consumer<Line> close) {
    for (Map.Entry<Host, Line[]> entry : hosts.entrySet()) {
      for (Line line : entry.getValue()) {
        if (needless(line, nowNanos) && line.retire()) {
          drop(line);
          close.accept(line);
        }
      }
    }
  }

  private boolean needless(Line line, long nowNanos) {
    long idle = line.wire.idleNanos();
    if (line.host.removed() || idle > 0 && line.idleFor(idle, nowNanos)) {
      return true;
    }
    OutboundTlsContext tls = line.tls;
    try {
      return tls != null && !security.current(tls);
    } catch (IdentityUnavailableException e) {
      return true;
    }
  }

  private void drop(Line line) {
    Line[] left =
        Arrays.stream(hosts.getOrDefault(line.host, NONE))
            .filter(each -> each != line)
            .toArray(Line[]::new);
    if (left.length == 0) {
      hosts.remove(line.host);
    } else {
      hosts.put(line.host, left);
    }
  }

  int size() {
    return hosts.values().stream().mapToInt(lines -> lines.length).sum();
  }
}
