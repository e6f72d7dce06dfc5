package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.SECOND;
import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.Endpoint;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.config.OutlierDetection;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Interval 10 s, base ejection time 30 s, at most 300 s; the clock starts at 0 s. */
class OutlierDetectionTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  /** Consecutive 5xx 5 enforced, gateway failures 3 enforced, local origin 2. */
  static OutlierDetection outlier(boolean split, int maxPercent, boolean alwaysOne) {
    return outlier(split, maxPercent, alwaysOne, 100, 0, 100);
  }

  static OutlierDetection outlier(
      boolean split,
      int maxPercent,
      boolean alwaysOne,
      int enforcing,
      long jitter,
      int failurePercentage) {
    return new OutlierDetection(
        5,
        enforcing,
        3,
        enforcing,
        split,
        2,
        100,
        10 * SECOND,
        30 * SECOND,
        300 * SECOND,
        jitter,
        maxPercent,
        alwaysOne,
        5,
        100,
        1900,
        100,
        100,
        85,
        failurePercentage,
        5,
        50);
  }

  private Cluster cluster(@Nullable OutlierDetection outlier, int hosts) {
    Endpoint[] endpoints = new Endpoint[hosts];
    for (int i = 0; i < hosts; i++) {
      endpoints[i] = host(i + 1);
    }
    Cluster cluster = mesh.put(cfg(outlier));
    mesh.clusters.endpoints(endpoints(endpoints));
    return cluster;
  }

  private static ClusterConfig cfg(@Nullable OutlierDetection outlier) {
    return config(
        Discovery.EDS,
        List.of(),
        LoadBalancing.of(Policy.ROUND_ROBIN),
        CircuitBreakers.DEFAULTS,
        outlier);
  }

  /** Leases until it is that host's turn. */
  private Lease on(int host) {
    for (int i = 0; i < 1_000; i++) {
      Lease lease = mesh.lease();
      if (lease.host().address().equals("10.0.0." + host + ":9080")) {
        return lease;
      }
      lease.end(mesh.now);
    }
    throw new AssertionError("host " + host + " is never picked");
  }

  private void answers(int host, int status, int times) {
    for (int i = 0; i < times; i++) {
      Lease lease = on(host);
      lease.connected(mesh.now);
      lease.response(status, false, -1, mesh.now);
      lease.end(mesh.now);
    }
  }

  private void fails(int host, Failure failure, int times) {
    for (int i = 0; i < times; i++) {
      Lease lease = on(host);
      lease.failed(failure, mesh.now);
      lease.end(mesh.now);
    }
  }

  private void at(int second) {
    mesh.now = (1_000 + second) * SECOND;
  }

  /** The detector has no timer: it catches up when the cluster is used. */
  private void use() {
    mesh.lease().end(mesh.now);
  }

  @Test
  void the_fifth_500_in_a_row_ejects_and_the_host_gets_nothing_until_its_time_is_over() {
    cluster(outlier(false, 100, false), 2);
    answers(1, 500, 4);
    assertThat(mesh.events).isEmpty();
    answers(1, 500, 1);
    assertThat(mesh.events).containsExactly("0s 10.0.0.1:9080 ejected CONSECUTIVE_5XX");
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isTrue();
    assertThat(mesh.picks(10)).containsOnlyKeys("10.0.0.2:9080");
    at(29);
    assertThat(mesh.picks(10)).containsOnlyKeys("10.0.0.2:9080");
    at(30);
    assertThat(mesh.picks(10)).hasSize(2);
    assertThat(mesh.events).endsWith("30s 10.0.0.1:9080 returned");
  }

  @Test
  void a_success_between_failures_starts_the_count_anew() {
    cluster(outlier(false, 100, false), 2);
    for (int i = 0; i < 5; i++) {
      answers(1, 500, 4);
      answers(1, 404, 1);
    }
    assertThat(mesh.events).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"502", "503", "504"})
  void three_gateway_errors_eject_before_the_fifth_5xx_would(int status) {
    cluster(outlier(false, 100, false), 2);
    answers(1, status, 3);
    assertThat(mesh.events).containsExactly("0s 10.0.0.1:9080 ejected CONSECUTIVE_GATEWAY_FAILURE");
  }

  @Test
  void a_500_interrupts_a_row_of_gateway_errors_but_not_the_row_of_5xx() {
    cluster(outlier(false, 100, false), 2);
    answers(1, 503, 2);
    answers(1, 500, 1);
    answers(1, 503, 1);
    assertThat(mesh.events).isEmpty();
    answers(1, 503, 1);
    assertThat(mesh.events).containsExactly("0s 10.0.0.1:9080 ejected CONSECUTIVE_5XX");
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void without_the_split_a_failure_of_our_own_counts_as_a_gateway_error(Failure failure) {
    cluster(outlier(false, 100, false), 2);
    fails(1, failure, 3);
    assertThat(mesh.events).containsExactly("0s 10.0.0.1:9080 ejected CONSECUTIVE_GATEWAY_FAILURE");
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void with_the_split_local_failures_have_their_own_count(Failure failure) {
    cluster(outlier(true, 100, false), 2);
    answers(1, 503, 2);
    fails(1, failure, 1);
    assertThat(mesh.events).isEmpty();
    fails(1, failure, 1);
    assertThat(mesh.events)
        .containsExactly("0s 10.0.0.1:9080 ejected CONSECUTIVE_LOCAL_ORIGIN_FAILURE");
  }

  @Test
  void with_the_split_a_connection_that_stands_ends_the_row_of_local_failures() {
    cluster(outlier(true, 100, false), 2);
    for (int i = 0; i < 5; i++) {
      fails(1, Failure.CONNECT, 1);
      on(1).connected(mesh.now);
    }
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void a_grpc_status_in_the_head_counts_as_its_http_equal_and_one_in_trailers_not_at_all() {
    cluster(outlier(false, 100, false), 2);
    for (int i = 0; i < 5; i++) {
      on(1).response(200, true, 13, mesh.now); // INTERNAL: 500
      on(2).response(200, true, -1, mesh.now);
    }
    assertThat(mesh.events).containsExactly("0s 10.0.0.1:9080 ejected CONSECUTIVE_5XX");
  }

  @Test
  void an_attempt_that_the_caller_gives_up_says_nothing_about_the_host() {
    cluster(outlier(false, 100, false), 2);
    for (int i = 0; i < 20; i++) {
      on(1).end(mesh.now);
    }
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void each_further_ejection_lasts_longer_up_to_the_maximum() {
    cluster(outlier(false, 100, false), 2);
    int second = 0;
    for (int ejection = 1; ejection <= 12; ejection++) {
      answers(1, 503, 3);
      int length = Math.min(30 * ejection, 300);
      at(second + length - 1);
      use();
      assertThat(mesh.hostAt(1).ejected(mesh.now)).as("ejection %s", ejection).isTrue();
      second += length;
      at(second);
      use();
      assertThat(mesh.hostAt(1).ejected(mesh.now)).as("ejection %s", ejection).isFalse();
    }
    assertThat(mesh.hostAt(1).ejections()).isEqualTo(12);
  }

  @Test
  void intervals_in_health_make_the_next_ejection_shorter_again() {
    cluster(outlier(false, 100, false), 2);
    answers(1, 503, 3);
    at(30);
    answers(1, 503, 3); // second: 60 s, until 90 s
    at(90);
    use();
    at(110); // two intervals in health: next is the first again
    answers(1, 503, 3);
    at(140);
    use();
    assertThat(mesh.events).endsWith("140s 10.0.0.1:9080 returned");
  }

  @Test
  void after_a_long_silence_everything_missed_is_made_up_for() {
    cluster(outlier(false, 100, false), 2);
    answers(1, 503, 3);
    at(100_005);
    use();
    assertThat(mesh.events).endsWith("30s 10.0.0.1:9080 returned");
    answers(1, 503, 3);
    at(100_029);
    use();
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isTrue();
    at(100_040); // 100005 + 30, at the next end of an interval
    use();
    assertThat(mesh.events).endsWith("100040s 10.0.0.1:9080 returned");
  }

  @Test
  void a_host_returns_at_the_end_of_an_interval_and_not_between() {
    cluster(outlier(false, 100, false), 2);
    at(3);
    answers(1, 503, 3); // until 33 s
    at(39);
    use();
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isTrue();
    at(40);
    use();
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isFalse();
  }

  @Test
  void jitter_lengthens_the_ejection() {
    cluster(outlier(false, 100, false, 100, 60 * SECOND, 100), 2);
    mesh.random = () -> 25 * SECOND; // 30 + 25 s: returns at 60 s
    answers(1, 503, 3);
    at(59);
    use();
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isTrue();
    at(60);
    use();
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "10, 10, false, 1",
    "10, 9, false, 0",
    "10, 9, true, 1",
    "50, 4, false, 2",
    "0, 3, true, 1"
  })
  void max_ejection_percent_limits_how_many_are_out(
      int percent, int hosts, boolean alwaysOne, int expected) {
    cluster(outlier(false, percent, alwaysOne), hosts);
    for (int host = 1; host <= 3; host++) {
      answers(host, 503, 3);
    }
    assertThat(mesh.cluster().ejectedHosts()).isEqualTo(expected);
    assertThat(mesh.events).hasSize(expected);
  }

  @Test
  void with_everyone_ejected_panic_decides_who_gets_traffic() {
    cluster(outlier(false, 100, false), 2);
    answers(1, 503, 3);
    answers(2, 503, 3);
    assertThat(mesh.cluster().ejectedHosts()).isEqualTo(2);
    assertThat(mesh.picks(10)).hasSize(2); // panic threshold 50
  }

  @Test
  void enforcing_zero_percent_only_watches() {
    cluster(outlier(false, 100, false, 0, 0, 0), 2);
    answers(1, 503, 30);
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void enforcing_percent_is_a_chance() {
    cluster(outlier(false, 100, false, 50, 0, 0), 2);
    mesh.random = () -> 50;
    answers(1, 503, 3);
    assertThat(mesh.events).isEmpty();
    mesh.random = () -> 49;
    answers(1, 503, 2); // the fifth in a row
    assertThat(mesh.events).hasSize(1);
  }

  @Test
  void ejection_outlives_an_endpoint_update_and_ends_with_the_removal_of_the_host() {
    cluster(outlier(false, 100, false), 2);
    answers(1, 503, 3);
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3)));
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isTrue();
    mesh.clusters.endpoints(endpoints(host(2), host(3)));
    assertThat(mesh.cluster().ejectedHosts()).isZero();
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3)));
    assertThat(mesh.hostAt(1).ejected(mesh.now)).isFalse();
  }

  @Test
  void results_of_a_removed_host_eject_nobody() {
    Cluster cluster = cluster(outlier(false, 100, false), 2);
    Lease lease = on(1);
    mesh.clusters.endpoints(endpoints(host(2)));
    for (int i = 0; i < 10; i++) {
      lease.failed(Failure.RESET, mesh.now);
    }
    lease.end(mesh.now);
    assertThat(cluster.ejectedHosts()).isZero();
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void switching_outlier_detection_off_brings_everyone_back() {
    cluster(outlier(false, 100, false), 2);
    answers(1, 503, 3);
    mesh.put(cfg(null));
    assertThat(mesh.picks(10)).hasSize(2);
    assertThat(mesh.cluster().ejectedHosts()).isZero();
  }

  @Test
  void new_load_balancing_settings_do_not_forget_ejections() {
    OutlierDetection outlier = outlier(false, 100, false);
    cluster(outlier, 2);
    answers(1, 503, 3);
    mesh.put(
        config(
            Discovery.EDS,
            List.of(),
            LoadBalancing.of(Policy.RANDOM),
            CircuitBreakers.DEFAULTS,
            outlier));
    assertThat(mesh.picks(10)).containsOnlyKeys("10.0.0.2:9080");
  }

  @Test
  void a_retry_resolves_the_cluster_again_and_meets_its_current_hosts() {
    cluster(outlier(false, 100, false), 2);
    Lease first = on(1);
    mesh.clusters.endpoints(endpoints(host(3)));
    first.failed(Failure.CONNECT, mesh.now);
    first.end(mesh.now);
    assertThat(mesh.lease(Request.avoiding(3, first.host())).host().address())
        .isEqualTo("10.0.0.3:9080");
  }

  @Test
  void a_host_whose_success_rate_is_far_below_the_others_is_ejected_at_the_end_of_the_interval() {
    cluster(outlier(false, 100, false, 0, 0, 0), 5);
    for (int i = 0; i < 100; i++) {
      for (int host = 1; host <= 5; host++) {
        answers(host, host == 5 && i % 2 == 0 ? 500 : 200, 1);
      }
    }
    assertThat(mesh.events).isEmpty();
    at(10);
    use();
    // mean 90, deviation 20: below 90 - 1.9 * 20 = 52
    assertThat(mesh.events).containsExactly("10s 10.0.0.5:9080 ejected SUCCESS_RATE");
  }

  @Test
  void a_host_that_fails_more_than_the_failure_percentage_is_ejected() {
    cluster(outlier(false, 100, false, 0, 0, 100), 5);
    for (int i = 0; i < 50; i++) {
      for (int host = 1; host <= 5; host++) {
        answers(host, host == 5 ? 500 : 200, 1);
      }
    }
    at(10);
    use();
    assertThat(mesh.events).containsExactly("10s 10.0.0.5:9080 ejected FAILURE_PERCENTAGE");
  }
}
