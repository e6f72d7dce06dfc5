package io.inmesh.upstream;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.ClusterConfig.UpstreamProtocol;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.DnsLookup;
import io.inmesh.config.Endpoint;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.config.LocalityEndpoints;
import io.inmesh.config.OutlierDetection;
import io.inmesh.config.TransportSocket;
import io.inmesh.config.TransportSockets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Clusters with a scripted clock and a seeded random source. */
final class UpstreamFixture implements UpstreamListener {
  static final String NAME = "outbound|80||reviews";
  static final DnsLookup DNS =
      new DnsLookup(60_000_000_000L, 10_000_000_000L, 0, DnsLookup.Family.ALL);
  static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  static final ScheduledExecutorService NO_TIMER =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
          });

  final List<String> events = new ArrayList<>();
  final SplittableRandom dice = new SplittableRandom(42);
  LongSupplier random = () -> dice.nextLong();
  long now = 1_000 * SECOND;
  final Map<String, CompletableFuture<List<String>>> names = new LinkedHashMap<>();
  final Clusters clusters =
      new Clusters(
          new ClusterEnvironment(
              () -> random.getAsLong(),
              () -> now,
              this,
              name -> names.computeIfAbsent(name, n -> new CompletableFuture<>()),
              NO_TIMER));

  /** Configuration to start from; the {@code with} methods give it back changed. */
  static ClusterConfig eds(Policy policy) {
    return config(Discovery.EDS, List.of(), LoadBalancing.of(policy), CircuitBreakers.DEFAULTS);
  }

  static ClusterConfig config(
      Discovery discovery,
      List<LocalityEndpoints> endpoints,
      LoadBalancing lb,
      CircuitBreakers breakers) {
    return config(discovery, endpoints, lb, breakers, null);
  }

  static ClusterConfig config(
      Discovery discovery,
      List<LocalityEndpoints> endpoints,
      LoadBalancing lb,
      CircuitBreakers breakers,
      @Nullable OutlierDetection outlier) {
    return new ClusterConfig(
        NAME,
        discovery,
        NAME,
        endpoints,
        lb,
        5 * SECOND,
        breakers,
        CircuitBreakers.DEFAULTS,
        outlier,
        TransportSockets.only(TransportSocket.Plaintext.INSTANCE),
        UpstreamProtocol.HTTP11,
        3600 * SECOND,
        0,
        DNS,
        ClusterConfig.AutoNames.NONE,
        "reviews.default.svc.cluster.local",
        "reviews",
        null);
  }

  static Endpoint host(int number) {
    return host(number, 1, Endpoint.Health.HEALTHY);
  }

  static Endpoint host(int number, int weight, Endpoint.Health health) {
    return new Endpoint("10.0.0." + number, 9080, "", health, weight, Map.of(), "");
  }

  static LocalityEndpoints locality(int priority, Endpoint... endpoints) {
    return new LocalityEndpoints("region/zone/", priority, 1, Arrays.asList(endpoints));
  }

  static ClusterEndpoints localities(LocalityEndpoints... localities) {
    return new ClusterEndpoints(NAME, Arrays.asList(localities), 140);
  }

  static ClusterEndpoints endpoints(Endpoint... endpoints) {
    return localities(locality(0, endpoints));
  }

  Cluster put(ClusterConfig config) {
    clusters.put(config);
    return cluster();
  }

  Cluster cluster() {
    Cluster cluster = clusters.find(NAME);
    if (cluster == null) {
      throw new AssertionError("no cluster " + NAME);
    }
    return cluster;
  }

  Lease lease() {
    return lease(Request.PLAIN);
  }

  Lease lease(PickRequest request) {
    Acquisition acquisition = cluster().acquire(request, now);
    if (acquisition instanceof Lease lease) {
      return lease;
    }
    throw new AssertionError("refused: " + acquisition);
  }

  /** Picks and lets go at once; counts by address. */
  Map<String, Integer> picks(int times) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (int i = 0; i < times; i++) {
      Lease lease = lease();
      counts.merge(lease.host().address(), 1, Integer::sum);
      lease.end(now);
    }
    return counts;
  }

  Host hostAt(int number) {
    return cluster().hosts().stream()
        .filter(h -> h.address().equals("10.0.0." + number + ":9080"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void ejected(Cluster cluster, Host host, EjectionReason reason, long nowNanos) {
    events.add(seconds(nowNanos) + " " + host.address() + " ejected " + reason);
  }

  @Override
  public void returned(Cluster cluster, Host host, long nowNanos) {
    events.add(seconds(nowNanos) + " " + host.address() + " returned");
  }

  @Override
  public void resolutionFailed(Cluster cluster, String name, Throwable cause) {
    events.add(name + " not resolved");
  }

  private static String seconds(long nanos) {
    return (nanos - 1_000 * SECOND) / SECOND + "s";
  }

  /** A request with nothing special, or with what the fields say. */
  record Request(
      boolean highPriority,
      @Nullable Long hash,
      List<Host> triedHosts,
      int hostSelectionAttempts,
      int attempt,
      @Nullable String originalDestination)
      implements PickRequest {
    static final Request PLAIN = new Request(false, null, List.of(), 0, 0, null);
    static final Request HIGH = new Request(true, null, List.of(), 0, 0, null);

    static Request avoiding(int attempts, Host... hosts) {
      return new Request(false, null, List.of(hosts), attempts, hosts.length, null);
    }

    static Request to(String destination) {
      return new Request(false, null, List.of(), 0, 0, destination);
    }

    static Request hashed(long hash) {
      return new Request(false, hash, List.of(), 0, 0, null);
    }

    @Override
    public boolean tried(Host host) {
      return triedHosts.contains(host);
    }
  }
}
