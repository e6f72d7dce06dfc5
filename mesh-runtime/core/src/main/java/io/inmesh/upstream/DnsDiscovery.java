package io.inmesh.upstream;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.DnsLookup;
import io.inmesh.config.Endpoint;
import io.inmesh.config.LocalityEndpoints;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * STRICT_DNS (every address of every name is a host) and LOGICAL_DNS (the first address of the
 * name). Each name is asked for again {@code dns_refresh_rate} after its answer, {@code
 * dns_failure_refresh_rate} after a failure. A name that fails keeps its last addresses; one that
 * never resolved has none. The cluster is ready when each name has been answered or has failed
 * once. The resolver does not tell how long an answer holds ({@code respect_dns_ttl}).
 */
final class DnsDiscovery {
  private final Cluster cluster;
  private final ClusterConfig config;
  private final ClusterEnvironment env;
  private final Set<String> names = new LinkedHashSet<>();
  private final Map<String, List<String>> answers = new HashMap<>();
  private final Map<String, ScheduledFuture<?>> timers = new HashMap<>();
  private boolean closed;

  DnsDiscovery(Cluster cluster, ClusterConfig config, ClusterEnvironment env) {
    this.cluster = cluster;
    this.config = config;
    this.env = env;
    for (LocalityEndpoints locality : config.endpoints()) {
      locality.endpoints().forEach(endpoint -> names.add(endpoint.host()));
    }
  }

  void start() {
    if (names.isEmpty()) {
      cluster.members(List.of(), HostSet.OVERPROVISIONING);
      return;
    }
    names.forEach(this::resolve);
  }

  synchronized void close() {
    closed = true;
    timers.values().forEach(timer -> timer.cancel(false));
    timers.clear();
  }

  private void resolve(String name) {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    env.resolver()
        .resolve(name)
        .whenComplete(
            (addresses, failure) -> {
              if (failure != null) {
                env.listener().resolutionFailed(cluster, name, failure);
              }
              answered(
                  name, failure == null ? config.dns().family().of(List.copyOf(addresses)) : null);
              again(name, failure != null);
            });
  }

  private synchronized void again(String name, boolean failed) {
    if (closed) {
      return;
    }
    DnsLookup dns = config.dns();
    long wait = failed ? dns.failureRefreshNanos() : dns.refreshNanos();
    if (dns.jitterNanos() > 0) {
      wait += Math.floorMod(env.random().getAsLong(), dns.jitterNanos());
    }
    timers.put(name, env.scheduler().schedule(() -> resolve(name), wait, TimeUnit.NANOSECONDS));
  }

  /** Locks in the order cluster, discovery, as {@link Cluster#update} does. */
  private void answered(String name, @Nullable List<String> addresses) {
    synchronized (cluster) {
      synchronized (this) {
        if (closed) {
          return;
        }
        List<String> before = answers.get(name);
        List<String> now = addresses != null ? addresses : before != null ? before : List.of();
        boolean changed = answers.size() < names.size() || !now.equals(before);
        answers.put(name, List.copyOf(now));
        if (!changed || answers.size() < names.size()) {
          return;
        }
      }
      cluster.members(resolved(), HostSet.OVERPROVISIONING);
    }
  }

  private synchronized List<LocalityEndpoints> resolved() {
    boolean logical = config.discovery() == ClusterConfig.Discovery.LOGICAL_DNS;
    List<LocalityEndpoints> localities = new ArrayList<>();
    for (LocalityEndpoints locality : config.endpoints()) {
      List<Endpoint> endpoints = new ArrayList<>();
      for (Endpoint endpoint : locality.endpoints()) {
        List<String> addresses = answers.getOrDefault(endpoint.host(), List.of());
        for (String address :
            logical && addresses.size() > 1 ? addresses.subList(0, 1) : addresses) {
          endpoints.add(at(address, endpoint));
        }
      }
      localities.add(
          new LocalityEndpoints(
              locality.locality(), locality.priority(), locality.weight(), endpoints));
    }
    return localities;
  }

  /** The name stays visible as the hostname, unless the configuration gives another. */
  private static Endpoint at(String address, Endpoint named) {
    return new Endpoint(
        address,
        named.port(),
        named.hostname().isEmpty() ? named.host() : named.hostname(),
        named.health(),
        named.weight(),
        named.socketMatch(),
        named.workload());
  }
}
