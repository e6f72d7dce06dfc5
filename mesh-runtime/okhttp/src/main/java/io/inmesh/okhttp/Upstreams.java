package io.inmesh.okhttp;

import io.inmesh.call.Wire;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.runtime.OutboundSecurity;
import io.inmesh.upstream.Host;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import okhttp3.OkHttpClient;

/**
 * The lines of one application's client, by host. Finding one takes no lock. {@link #sweep} drops
 * what is out of use: lines of an older identity or transport socket, and hosts that were removed.
 */
final class Upstreams {
  private final OkHttpClient application;
  private final OutboundSecurity security;
  private final Map<Host, Line[]> hosts = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Retired> retired = new ConcurrentLinkedQueue<>();
  private final long drainLimitNanos;

  Upstreams(OkHttpClient application, OutboundSecurity security, long drainLimitNanos) {
    this.application = application;
    this.security = security;
    this.drainLimitNanos = drainLimitNanos;
  }

  /**
   * @throws IdentityUnavailableException without a certificate to show: nothing goes in clear
   */
  Line line(Host host, Wire wire) throws IdentityUnavailableException {
    Line[] lines = hosts.get(host);
    if (lines != null) {
      for (Line line : lines) {
        if (line.wire.equals(wire) && (line.tls == null || security.current(line.tls))) {
          return line;
        }
      }
    }
    return make(host, wire);
  }

  private synchronized Line make(Host host, Wire wire) throws IdentityUnavailableException {
    OutboundTlsContext tls = wire.tls() == null ? null : security.context(wire);
    List<Line> kept = new ArrayList<>(2);
    Line found = null;
    Line[] before = hosts.get(host);
    for (Line line : before == null ? new Line[0] : before) {
      if (!line.wire.equals(wire)) {
        kept.add(line);
      } else if (Objects.equals(line.tls, tls)) {
        found = line;
        kept.add(line);
      } else {
        retired.add(new Retired(line, System.nanoTime() + drainLimitNanos));
      }
    }
    if (found == null) {
      found = Line.to(host, wire, tls, application);
      kept.add(found);
      hosts.put(host, kept.toArray(Line[]::new));
    }
    return found;
  }

  /** To be called now and then, by a thread that may close sockets. */
  void sweep(long nowNanos) {
    for (Iterator<Map.Entry<Host, Line[]>> all = hosts.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Host, Line[]> entry = all.next();
      if (entry.getKey().removed()) {
        all.remove();
        for (Line line : entry.getValue()) {
          retired.add(new Retired(line, nowNanos + drainLimitNanos));
        }
      }
    }
    for (Iterator<Retired> all = retired.iterator(); all.hasNext(); ) {
      Retired one = all.next();
      if (one.line.drained()) {
        all.remove();
      } else if (one.until - nowNanos < 0) {
        one.line.abort();
        all.remove();
      }
    }
  }

  /**
   * Closes what is idle now.
   *
   * @return true when nothing is left
   */
  boolean drained() {
    hosts.values().forEach(lines -> List.of(lines).forEach(Line::drained));
    retired.forEach(one -> one.line.drained());
    return connections() == 0;
  }

  /** Breaks off what is still in use. */
  void abort() {
    hosts.values().forEach(lines -> List.of(lines).forEach(Line::abort));
    retired.forEach(one -> one.line.abort());
  }

  int connections() {
    int count = 0;
    for (Line[] lines : hosts.values()) {
      for (Line line : lines) {
        count += line.client.connectionPool().connectionCount();
      }
    }
    for (Retired one : retired) {
      count += one.line.client.connectionPool().connectionCount();
    }
    return count;
  }

  private record Retired(Line line, long until) {}
}
