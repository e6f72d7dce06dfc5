package io.inmesh.runtime;

import io.inmesh.call.Wire;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.upstream.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event-loop adapter's ways to hosts: one per host, wire and TLS context. Finding one takes no
 * lock. What is out of use (an older identity, a removed host) goes when its requests have ended,
 * at the latest after five minutes. Thread-safe.
 *
 * @param <L> the adapter's own
 */
public final class HostLines<L extends HostLine> {
  private static final long SWEEP_SECONDS = 1;
  private static final long DRAIN_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(5);

  /** Makes lines; no I/O. */
  @FunctionalInterface
  public interface Maker<L> {
    L make(Host host, Wire wire, @Nullable OutboundTlsContext tls);
  }

  private record Retired<L>(L line, long until) {}

  private final OutboundSecurity security;
  private final Maker<L> maker;
  private final Map<Host, List<L>> hosts = new ConcurrentHashMap<>();
  private final Queue<Retired<L>> retired = new ConcurrentLinkedQueue<>();

  private HostLines(OutboundSecurity security, Maker<L> maker) {
    this.security = security;
    this.maker = maker;
  }

  /** Swept as long as the mesh lives; when it closes, lines close with their last request. */
  public static <L extends HostLine> HostLines<L> start(MeshServices services, Maker<L> maker) {
    HostLines<L> lines = new HostLines<>(services.outbound(), maker);
    Future<?> sweeps =
        services
            .drivers()
            .timer()
            .scheduleWithFixedDelay(lines::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    services.onDrain(
        () -> {
          sweeps.cancel(false);
          lines.hosts.values().forEach(each -> each.forEach(HostLine::retire));
        });
    return lines;
  }

  /**
   * For one request: {@link HostLine#release} when it is over.
   *
   * @throws IdentityUnavailableException without a certificate to show: nothing goes in clear
   */
  public L acquire(Host host, Wire wire) throws IdentityUnavailableException {
    while (true) {
      L line = find(host, wire);
      if (line.acquire()) {
        return line;
      }
    }
  }

  private L find(Host host, Wire wire) throws IdentityUnavailableException {
    List<L> lines = hosts.get(host);
    if (lines != null) {
      for (L line : lines) {
        OutboundTlsContext tls = line.tls();
        if (line.wire().equals(wire) && !line.closed() && (tls == null || security.current(tls))) {
          return line;
        }
      }
    }
    return make(host, wire);
  }

  private synchronized L make(Host host, Wire wire) throws IdentityUnavailableException {
    OutboundTlsContext tls = wire.tls() == null ? null : security.context(wire);
    List<L> kept = new ArrayList<>(2);
    L found = null;
    for (L line : hosts.getOrDefault(host, List.of())) {
      if (!line.wire().equals(wire)) {
        kept.add(line);
      } else if (Objects.equals(line.tls(), tls) && !line.closed()) {
        found = line;
        kept.add(line);
      } else {
        retire(line);
      }
    }
    if (found == null) {
      found = maker.make(host, wire, tls);
      kept.add(found);
      hosts.put(host, List.copyOf(kept));
    }
    return found;
  }

  private void retire(L line) {
    line.retire();
    if (!line.closed()) {
      retired.add(new Retired<>(line, System.nanoTime() + DRAIN_LIMIT_NANOS));
    }
  }

  private void sweep() {
    for (Host host : hosts.keySet()) {
      if (host.removed()) {
        List<L> lines = hosts.remove(host);
        if (lines != null) {
          lines.forEach(this::retire);
        }
      }
    }
    long now = System.nanoTime();
    for (Retired<L> one : retired) {
      if (one.line.closed() || one.until - now < 0) {
        one.line.close();
        retired.remove(one);
      }
    }
  }
}
