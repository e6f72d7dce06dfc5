package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.eds;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static io.inmesh.upstream.UpstreamFixture.localities;
import static io.inmesh.upstream.UpstreamFixture.locality;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.Endpoint;
import io.inmesh.config.Endpoint.Health;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthAndPriorityTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  private static ClusterConfig panic(double percent) {
    return config(
        Discovery.EDS,
        List.of(),
        new LoadBalancing(Policy.ROUND_ROBIN, 2, 1, percent, false, 1024, 0, 1, 10),
        CircuitBreakers.DEFAULTS);
  }

  @Test
  void unhealthy_hosts_get_nothing_while_enough_are_healthy() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3, 1, Health.UNHEALTHY)));
    assertThat(mesh.picks(10)).containsOnlyKeys("10.0.0.1:9080", "10.0.0.2:9080");
  }

  @Test
  void below_the_panic_threshold_every_host_gets_traffic_whatever_its_health() {
    mesh.put(panic(50));
    mesh.clusters.endpoints(
        endpoints(host(1), host(2, 1, Health.UNHEALTHY), host(3, 1, Health.UNHEALTHY)));
    assertThat(mesh.picks(9)).hasSize(3);
  }

  @Test
  void with_panic_off_an_unhealthy_cluster_has_no_host() {
    mesh.put(panic(0));
    mesh.clusters.endpoints(endpoints(host(1, 1, Health.UNHEALTHY)));
    assertThat(mesh.cluster().acquire(Request.PLAIN, mesh.now))
        .isEqualTo(Refusal.NO_HEALTHY_UPSTREAM);
    mesh.clusters.endpoints(
        endpoints(host(1, 1, Health.UNHEALTHY), host(2, 1, Health.UNHEALTHY), host(3)));
    assertThat(mesh.picks(9)).containsOnlyKeys("10.0.0.3:9080");
  }

  /** Healthy hosts in percent, then load in percent; worked out by Envoy's rules by hand. */
  @ParameterizedTest
  @CsvSource({
    "100, 100, 0, 100, 0, 0",
    "72, 72, 0, 100, 0, 0",
    "71, 71, 0, 99, 1, 0",
    "50, 50, 0, 70, 30, 0",
    "25, 100, 0, 35, 65, 0",
    "25, 25, 0, 50, 50, 0",
    "25, 25, 20, 37, 35, 28",
    "100, 100, 100, 100, 0, 0",
    "25, 0, 25, 50, 0, 50",
  })
  void load_spills_over_to_lower_priorities(
      int health0, int health1, int health2, int load0, int load1, int load2) {
    PriorityLoads.Count[] counts = {count(health0), count(health1), count(health2)};
    PriorityLoads loads = PriorityLoads.of(counts, 140, 0);
    assertThat(loads.healthy()).containsExactly(load0, load1, load2);
  }

  private static PriorityLoads.Count count(int healthyOfHundred) {
    return new PriorityLoads.Count(100, healthyOfHundred, 0);
  }

  @Test
  void degraded_hosts_take_what_the_healthy_ones_cannot() {
    PriorityLoads loads =
        PriorityLoads.of(new PriorityLoads.Count[] {new PriorityLoads.Count(100, 50, 50)}, 140, 50);
    assertThat(loads.healthy()).containsExactly(70);
    assertThat(loads.degraded()).containsExactly(30);
    mesh.put(eds(Policy.RANDOM));
    mesh.clusters.endpoints(endpoints(host(1), host(2, 1, Health.DEGRADED)));
    assertThat(mesh.picks(10_000).get("10.0.0.1:9080")).isCloseTo(7_000, within(200));
  }

  @Test
  void in_total_panic_priorities_share_by_their_number_of_hosts() {
    PriorityLoads loads =
        PriorityLoads.of(
            new PriorityLoads.Count[] {
              new PriorityLoads.Count(30, 1, 0), new PriorityLoads.Count(10, 1, 0)
            },
            140,
            50);
    assertThat(loads.panic()).containsExactly(true, true);
    assertThat(loads.healthy()).containsExactly(75, 25);
  }

  @Test
  void a_priority_is_not_in_panic_while_all_together_are_healthy_enough() {
    PriorityLoads loads =
        PriorityLoads.of(
            new PriorityLoads.Count[] {
              new PriorityLoads.Count(100, 1, 0), new PriorityLoads.Count(100, 100, 0)
            },
            140,
            50);
    assertThat(loads.panic()).containsExactly(false, false);
    assertThat(loads.healthy()).containsExactly(1, 99);
  }

  @Test
  void traffic_fails_over_to_the_next_priority_and_back() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(localities(locality(0, host(1)), locality(1, host(2))));
    assertThat(mesh.picks(20)).containsOnlyKeys("10.0.0.1:9080");
    mesh.clusters.endpoints(
        localities(locality(0, host(1, 1, Health.UNHEALTHY)), locality(1, host(2))));
    assertThat(mesh.picks(20)).containsOnlyKeys("10.0.0.2:9080");
    mesh.clusters.endpoints(localities(locality(0, host(1)), locality(1, host(2))));
    assertThat(mesh.picks(20)).containsOnlyKeys("10.0.0.1:9080");
  }

  @Test
  void an_empty_first_priority_is_passed_over() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(localities(locality(0), locality(1, host(2)), locality(3, host(4))));
    Map<String, Integer> picks = mesh.picks(20);
    assertThat(picks).containsOnlyKeys("10.0.0.2:9080");
  }

  @Test
  void health_that_changes_in_place_moves_traffic_without_making_new_hosts() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(endpoints(host(1), host(2)));
    Host one = mesh.hostAt(1);
    Endpoint sick = host(1, 1, Health.UNHEALTHY);
    mesh.clusters.endpoints(endpoints(sick, host(2)));
    assertThat(mesh.hostAt(1)).isSameAs(one);
    assertThat(mesh.picks(8)).containsOnlyKeys("10.0.0.2:9080");
  }
}
