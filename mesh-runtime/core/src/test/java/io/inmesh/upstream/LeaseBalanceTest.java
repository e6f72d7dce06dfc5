package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.Endpoint;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever happens in whatever order: counters are never negative and end at zero. */
class LeaseBalanceTest {
  private static final int CHOICES = 1 << 20;

  @Property(tries = 300)
  void counters_balance_over_any_sequence_of_events(
      @ForAll @Size(max = 150) List<@IntRange(max = CHOICES) Integer> script,
      @ForAll boolean split,
      @ForAll Policy policy) {
    UpstreamFixture mesh = new UpstreamFixture();
    CircuitBreakers tight = new CircuitBreakers(10, 4, 6, 2, -1, 3);
    mesh.put(
        config(
            Discovery.EDS,
            List.of(),
            LoadBalancing.of(policy == Policy.CLUSTER_PROVIDED ? Policy.RANDOM : policy),
            tight,
            OutlierDetectionTest.outlier(split, 60, true)));
    Cluster cluster = mesh.cluster();
    List<Lease> leases = new ArrayList<>();
    Set<Host> seen = new LinkedHashSet<>();
    for (int step : script) {
      int argument = step / 8;
      Lease some = leases.isEmpty() ? null : leases.get(argument % leases.size());
      mesh.now += argument % 5_000_000_000L * 3;
      switch (step % 8) {
        case 0, 1, 2 -> {
          if (cluster.acquire(argument % 5 == 0 ? Request.HIGH : Request.PLAIN, mesh.now)
              instanceof Lease lease) {
            leases.add(lease);
            seen.add(lease.host());
          }
        }
        case 3 -> mesh.clusters.endpoints(endpoints(subset(argument)));
        case 4 -> {
          if (some != null) {
            some.connected(mesh.now);
          }
        }
        case 5 -> {
          if (some != null) {
            some.response(argument % 3 == 0 ? 200 : 503, false, -1, mesh.now);
          }
        }
        case 6 -> {
          if (some != null) {
            some.failed(Failure.values()[argument % Failure.values().length], mesh.now);
          }
        }
        default -> {
          if (some != null) {
            some.end(mesh.now);
            if (argument % 2 == 0) {
              leases.remove(some); // else it may be ended again
            }
          }
        }
      }
      check(cluster, seen);
    }
    leases.forEach(lease -> lease.end(mesh.now));
    assertThat(cluster.activeRequests(false) + cluster.activeRequests(true)).isZero();
    assertThat(cluster.pendingRequests(false) + cluster.pendingRequests(true)).isZero();
    assertThat(seen).allMatch(host -> host.active() == 0);
  }

  private static void check(Cluster cluster, Set<Host> seen) {
    assertThat(cluster.activeRequests(false)).isBetween(0L, 6L);
    assertThat(cluster.pendingRequests(false)).isBetween(0L, 4L);
    long active = cluster.activeRequests(false) + cluster.activeRequests(true);
    assertThat(seen.stream().mapToLong(Host::active).sum()).isEqualTo(active);
    assertThat(seen).allMatch(host -> host.active() >= 0);
    long out = cluster.hosts().stream().filter(host -> host.ejected(0)).count();
    assertThat(cluster.ejectedHosts()).isEqualTo((int) out);
  }

  private static Endpoint[] subset(int bits) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      if ((bits >> i & 1) == 1) {
        endpoints.add(host(i + 1));
      }
    }
    return endpoints.toArray(Endpoint[]::new);
  }
}
