package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.eds;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inmesh.config.Endpoint;
import io.inmesh.config.Endpoint.Health;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoadBalancingTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  private void hosts(Policy policy, Endpoint... endpoints) {
    mesh.put(eds(policy));
    mesh.clusters.endpoints(endpoints(endpoints));
  }

  @Test
  void round_robin_visits_every_host_in_turn() {
    hosts(Policy.ROUND_ROBIN, host(1), host(2), host(3));
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Lease lease = mesh.lease();
      order.add(lease.host().address());
      lease.end(mesh.now);
    }
    assertThat(order.subList(0, 3)).doesNotHaveDuplicates().isEqualTo(order.subList(3, 6));
  }

  @Test
  void round_robin_goes_on_where_it_was_when_endpoints_are_sent_again() {
    hosts(Policy.ROUND_ROBIN, host(1), host(2));
    String first = mesh.lease().host().address();
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3)));
    mesh.clusters.endpoints(endpoints(host(1), host(2)));
    assertThat(mesh.lease().host().address()).isNotEqualTo(first);
  }

  @Test
  void weighted_round_robin_keeps_the_shares_exactly_in_each_round_and_spreads_them() {
    hosts(
        Policy.ROUND_ROBIN,
        host(1, 50, Health.HEALTHY),
        host(2, 20, Health.HEALTHY),
        host(3, 30, Health.HEALTHY));
    assertThat(mesh.picks(10))
        .containsOnly(
            Map.entry("10.0.0.1:9080", 5),
            Map.entry("10.0.0.2:9080", 2),
            Map.entry("10.0.0.3:9080", 3));
    assertThat(WeightedSchedule.of(new long[] {1, 3})).containsExactly(1, 1, 0, 1);
  }

  @Test
  void huge_weights_are_scaled_down_and_still_give_everyone_a_turn() {
    int[] order = WeightedSchedule.of(new long[] {4_294_967_295L, 4_294_967_294L, 1});
    assertThat(order).hasSizeLessThan(WeightedSchedule.LONGEST + 3).contains(0, 1, 2);
    long first = IntStream.of(order).filter(i -> i == 0).count();
    assertThat((double) first / order.length).isCloseTo(0.5, within(0.001));
  }

  @Test
  void least_request_takes_the_idler_of_two_and_the_first_of_equals() {
    hosts(Policy.LEAST_REQUEST, host(1), host(2));
    Deque<Long> script = new ArrayDeque<>();
    mesh.random = script::remove;
    script.addAll(List.of(0L, 1L));
    Lease busy = mesh.lease();
    assertThat(busy.host().address()).isEqualTo("10.0.0.1:9080");
    script.addAll(List.of(0L, 1L));
    assertThat(mesh.lease().host().address()).isEqualTo("10.0.0.2:9080");
    script.addAll(List.of(1L, 0L));
    assertThat(mesh.lease().host().address()).isEqualTo("10.0.0.2:9080");
    script.addAll(List.of(0L, 0L)); // both choices may be the same host
    assertThat(mesh.lease().host().address()).isEqualTo("10.0.0.1:9080");
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAST_REQUEST", "RANDOM"})
  void equal_hosts_get_equal_shares(Policy policy) {
    hosts(policy, host(1), host(2), host(3), host(4), host(5));
    Map<String, Integer> counts = mesh.picks(50_000);
    assertThat(counts).hasSize(5);
    // chi-square, 4 degrees of freedom, one in ten thousand
    assertThat(chiSquare(counts, 10_000)).isLessThan(23.5);
  }

  @Test
  void random_does_not_look_at_host_weights_as_envoy_does_not() {
    hosts(Policy.RANDOM, host(1, 90, Health.HEALTHY), host(2, 10, Health.HEALTHY));
    assertThat(chiSquare(mesh.picks(20_000), 10_000)).isLessThan(15.2);
  }

  @Test
  void weighted_least_request_shares_by_weight_when_idle() {
    hosts(Policy.LEAST_REQUEST, host(1, 3, Health.HEALTHY), host(2, 1, Health.HEALTHY));
    Map<String, Integer> counts = mesh.picks(40_000);
    assertThat(counts.get("10.0.0.1:9080")).isCloseTo(30_000, within(350));
  }

  @Test
  void weighted_least_request_shares_by_weight_over_active_requests_when_busy() {
    hosts(Policy.LEAST_REQUEST, host(1, 3, Health.HEALTHY), host(2, 1, Health.HEALTHY));
    Host heavy = mesh.hostAt(1);
    for (int i = 0; i < 5; i++) {
      heavy.enter(); // 3 / (5 + 1) = 0.5 against 1 / (0 + 1)
    }
    assertThat(mesh.picks(30_000).get("10.0.0.1:9080")).isCloseTo(10_000, within(350));
  }

  @Test
  void weighted_least_request_over_many_hosts_keeps_the_shares() {
    Endpoint[] many = new Endpoint[100];
    for (int i = 0; i < many.length; i++) {
      many[i] = host(i + 1, i < 50 ? 3 : 1, Health.HEALTHY);
    }
    hosts(Policy.LEAST_REQUEST, many);
    int heavy =
        mesh.picks(40_000).entrySet().stream()
            .filter(e -> Integer.parseInt(e.getKey().split("[.:]")[3]) <= 50)
            .mapToInt(Map.Entry::getValue)
            .sum();
    assertThat(heavy).isCloseTo(30_000, within(350));
  }

  @Test
  void a_retry_avoids_hosts_it_has_tried_as_long_as_attempts_last() {
    hosts(Policy.ROUND_ROBIN, host(1), host(2), host(3));
    Host one = mesh.hostAt(1);
    Host two = mesh.hostAt(2);
    for (int i = 0; i < 30; i++) {
      Lease lease = mesh.lease(Request.avoiding(3, one, two));
      assertThat(lease.host().address()).isEqualTo("10.0.0.3:9080");
      lease.end(mesh.now);
    }
  }

  @Test
  void when_every_host_was_tried_the_last_pick_is_used() {
    hosts(Policy.LEAST_REQUEST, host(1));
    assertThat(mesh.lease(Request.avoiding(5, mesh.hostAt(1))).host()).isSameAs(mesh.hostAt(1));
  }

  @Test
  void without_the_previous_hosts_predicate_a_retry_picks_like_any_request() {
    hosts(Policy.ROUND_ROBIN, host(1), host(2));
    Host first = mesh.lease().host();
    assertThat(mesh.lease(Request.avoiding(0, first)).host()).isNotSameAs(first);
    assertThat(mesh.lease(Request.avoiding(0, first)).host()).isSameAs(first);
  }

  private static double chiSquare(Map<String, Integer> counts, double expected) {
    return counts.values().stream()
        .mapToDouble(c -> (c - expected) * (c - expected) / expected)
        .sum();
  }
}
