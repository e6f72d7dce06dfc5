package io.inmesh.upstream;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hosts of an ORIGINAL_DST cluster: made when first asked for, dropped when unused for Envoy's
 * default {@code cleanup_interval}.
 */
final class OriginalDestinations {
  private static final long CLEANUP_NANOS = 5_000_000_000L;

  private final Map<String, Host> hosts = new ConcurrentHashMap<>();
  private final AtomicInteger ejected;
  private final AtomicLong lastCleanup = new AtomicLong();

  OriginalDestinations(AtomicInteger ejected) {
    this.ejected = ejected;
  }

  List<Host> hosts() {
    return List.copyOf(hosts.values());
  }

  /** Null when there is no destination, or it is not {@code ip:port}. */
  @Nullable Host find(@Nullable String destination, ClusterConfig config, long nowNanos) {
    if (destination == null) {
      return null;
    }
    cleanUp(nowNanos);
    Host host = hosts.get(destination);
    if (host != null) {
      return host;
    }
    Endpoint endpoint = endpoint(destination);
    if (endpoint == null) {
      return null;
    }
    Host made = new Host(endpoint, config.sockets().of(endpoint), nowNanos);
    Host other = hosts.putIfAbsent(destination, made);
    return other == null ? made : other;
  }

  private void cleanUp(long nowNanos) {
    long last = lastCleanup.get();
    if (nowNanos - last < CLEANUP_NANOS || !lastCleanup.compareAndSet(last, nowNanos)) {
      return;
    }
    hosts
        .values()
        .removeIf(
            host -> {
              boolean unused =
                  host.active() == 0 && nowNanos - host.lastUsedNanos() >= CLEANUP_NANOS;
              if (unused) {
                host.removed(true);
                OutlierDetector.forget(host, ejected);
              }
              return unused;
            });
  }

  private static @Nullable Endpoint endpoint(String destination) {
    int colon = destination.lastIndexOf(':');
    if (colon <= 0) {
      return null;
    }
    String host = destination.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(destination, colon + 1, destination.length(), 10);
      return new Endpoint(host, port, "", Endpoint.Health.HEALTHY, 1, Map.of(), "");
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
