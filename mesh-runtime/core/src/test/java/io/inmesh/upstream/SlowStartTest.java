package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.SECOND;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.Endpoint.Health;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A new host gets its share by and by: window 60 s, at least 10 %. */
class SlowStartTest {
  private static final int PICKS = 20_000;

  private final UpstreamFixture mesh = new UpstreamFixture();

  private void cluster(Policy policy, double aggression) {
    LoadBalancing lb =
        new LoadBalancing(policy, 2, 1, 50, false, 1024, 60 * SECOND, aggression, 10);
    mesh.put(UpstreamFixture.config(Discovery.EDS, List.of(), lb, CircuitBreakers.DEFAULTS, null));
    mesh.clusters.endpoints(endpoints(host(1), host(2)));
    mesh.now += 60 * SECOND;
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3)));
  }

  private double share(int number) {
    return mesh.picks(PICKS).getOrDefault("10.0.0." + number + ":9080", 0) / (double) PICKS;
  }

  @ParameterizedTest
  @EnumSource(names = {"ROUND_ROBIN", "LEAST_REQUEST"})
  void theShareGrowsWithTheAgeOfTheHost(Policy policy) {
    cluster(policy, 1);
    assertThat(share(3)).isCloseTo(0.1 / 2.1, within(0.01));
    mesh.now += 30 * SECOND;
    assertThat(share(3)).isCloseTo(0.5 / 2.5, within(0.015));
    mesh.now += 30 * SECOND;
    assertThat(share(3)).isCloseTo(1 / 3.0, within(0.02));
  }

  @Test
  void aggressionGivesMoreEarlier() {
    cluster(Policy.ROUND_ROBIN, 2);
    mesh.now += 15 * SECOND;
    assertThat(share(3)).as("the root of a quarter").isCloseTo(0.5 / 2.5, within(0.015));
  }

  @Test
  void weightsAreMultiplied() {
    cluster(Policy.ROUND_ROBIN, 1);
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3, 4, Health.HEALTHY)));
    mesh.now += 30 * SECOND;
    assertThat(share(3)).isCloseTo(2 / 4.0, within(0.02));
  }

  @Test
  void hostsThatStartTogetherAreAlike() {
    cluster(Policy.ROUND_ROBIN, 1);
    mesh.clusters.endpoints(endpoints(host(7), host(8)));
    assertThat(share(7)).isCloseTo(0.5, within(0.02));
  }

  @Test
  void otherPoliciesKnowNoSlowStart() {
    cluster(Policy.RANDOM, 1);
    assertThat(share(3)).isCloseTo(1 / 3.0, within(0.02));
  }
}
