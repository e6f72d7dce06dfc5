package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.eds;
import static io.inmesh.upstream.UpstreamFixture.host;
import static io.inmesh.upstream.UpstreamFixture.localities;
import static io.inmesh.upstream.UpstreamFixture.locality;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.Endpoint;
import io.inmesh.config.Endpoint.Health;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.config.LocalityEndpoints;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LocalityTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  private void weighted(Policy policy) {
    long size = policy == Policy.MAGLEV ? 65537 : 1024;
    mesh.put(
        config(
            Discovery.EDS,
            List.of(),
            new LoadBalancing(policy, 2, 1, 50, true, size, 0, 1, 10),
            CircuitBreakers.DEFAULTS));
  }

  private static LocalityEndpoints zone(String name, int weight, Endpoint... endpoints) {
    return new LocalityEndpoints(name, 0, weight, Arrays.asList(endpoints));
  }

  @ParameterizedTest
  @EnumSource(names = {"ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "MAGLEV"})
  void a_locality_gets_its_share_however_many_hosts_it_has(Policy policy) {
    weighted(policy);
    mesh.clusters.endpoints(
        localities(zone("a", 80, host(1)), zone("b", 20, host(2), host(3), host(4))));
    Map<String, Integer> picks = mesh.picks(10_000);
    assertThat(picks.get("10.0.0.1:9080")).isCloseTo(8_000, within(200));
    assertThat(picks.get("10.0.0.3:9080")).isCloseTo(667, within(120));
  }

  @Test
  void a_locality_without_weight_gets_nothing() {
    weighted(Policy.ROUND_ROBIN);
    mesh.clusters.endpoints(localities(zone("a", 0, host(1)), zone("b", 1, host(2))));
    assertThat(mesh.picks(10)).containsOnlyKeys("10.0.0.2:9080");
  }

  @Test
  void a_locality_loses_weight_only_when_overprovisioning_no_longer_makes_up_for_it() {
    assertThat(WeightedLocalities.effective(100, 8, 10, 140)).isEqualTo(100);
    assertThat(WeightedLocalities.effective(100, 5, 10, 140)).isCloseTo(70, within(1e-9));
    assertThat(WeightedLocalities.effective(100, 0, 10, 140)).isZero();
    weighted(Policy.ROUND_ROBIN);
    mesh.clusters.endpoints(
        localities(
            zone("a", 1, host(1), host(2, 1, Health.UNHEALTHY)), zone("b", 1, host(3), host(4))));
    // 0.7 against 1
    assertThat(mesh.picks(17_000).get("10.0.0.1:9080")).isCloseTo(7_000, within(10));
  }

  @Test
  void without_locality_weighting_localities_do_not_matter() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(localities(zone("a", 80, host(1)), zone("b", 20, host(2))));
    assertThat(mesh.picks(10)).containsValues(5, 5);
  }

  @Test
  void a_retry_can_avoid_the_priorities_it_has_tried() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(
        localities(locality(0, host(1)), locality(1, host(2)), locality(2, host(3))));
    assertThat(pick(priority -> priority == 0)).containsOnlyKeys("10.0.0.2:9080");
    assertThat(pick(priority -> priority < 2)).containsOnlyKeys("10.0.0.3:9080");
    assertThat(pick(priority -> true)).containsOnlyKeys("10.0.0.1:9080");
    assertThat(mesh.hostAt(3).priority()).isEqualTo(2);
  }

  private Map<String, Integer> pick(PickRequest.PriorityFilter filter) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      Lease lease = mesh.lease(new RetryElsewhere(filter));
      counts.merge(lease.host().address(), 1, Integer::sum);
      lease.end(mesh.now);
    }
    return counts;
  }

  private record RetryElsewhere(PriorityFilter priorities) implements PickRequest {
    @Override
    public boolean highPriority() {
      return false;
    }

    @Override
    public Long hash() {
      return null;
    }

    @Override
    public boolean tried(Host host) {
      return false;
    }

    @Override
    public int hostSelectionAttempts() {
      return 0;
    }

    @Override
    public int attempt() {
      return 1;
    }
  }
}
