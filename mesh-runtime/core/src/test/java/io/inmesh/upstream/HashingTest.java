package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.dynatrace.hash4j.hashing.Hashing;
import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.Endpoint;
import io.inmesh.config.Endpoint.Health;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HashingTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  private void hosts(Policy policy, Endpoint... hosts) {
    long size = policy == Policy.MAGLEV ? 65537 : 1024;
    mesh.put(
        config(
            Discovery.EDS,
            List.of(),
            new LoadBalancing(policy, 2, 1, 50, false, size, 0, 1, 10),
            CircuitBreakers.DEFAULTS));
    mesh.clusters.endpoints(endpoints(hosts));
  }

  private String at(long hash) {
    Lease lease = mesh.lease(Request.hashed(hash));
    lease.end(mesh.now);
    return lease.host().address();
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void the_same_hash_goes_to_the_same_host_whatever_the_order_of_endpoints(Policy policy) {
    hosts(policy, host(1), host(2), host(3));
    Map<Long, String> before = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      long hash = mesh.dice.nextLong();
      before.put(hash, at(hash));
    }
    assertThat(before.values()).contains("10.0.0.1:9080", "10.0.0.2:9080", "10.0.0.3:9080");
    mesh.clusters.endpoints(endpoints(host(3), host(1), host(2)));
    before.forEach((hash, address) -> assertThat(at(hash)).isEqualTo(address));
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void a_host_that_leaves_moves_few_hashes_but_its_own(Policy policy) {
    hosts(policy, host(1), host(2), host(3), host(4), host(5));
    Map<Long, String> before = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      long hash = mesh.dice.nextLong();
      before.put(hash, at(hash));
    }
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3), host(4)));
    long movedOfOthers =
        before.entrySet().stream()
            .filter(e -> !e.getValue().equals("10.0.0.5:9080"))
            .filter(e -> !at(e.getKey()).equals(e.getValue()))
            .count();
    // of some 1600: Maglev's table moves a few; in the ring, as in Envoy's, each host left gets
    // 256 points instead of 205, which take about a fifth
    assertThat(movedOfOthers).isLessThanOrEqualTo(policy == Policy.MAGLEV ? 100 : 400);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void shares_follow_weights(Policy policy) {
    hosts(policy, host(1, 3, Health.HEALTHY), host(2, 1, Health.HEALTHY));
    int heavy = 0;
    for (int i = 0; i < 20_000; i++) {
      heavy += at(mesh.dice.nextLong()).equals("10.0.0.1:9080") ? 1 : 0;
    }
    // a ring of about a thousand points is uneven by some percent; the table is exact
    assertThat(heavy).isCloseTo(15_000, within(policy == Policy.MAGLEV ? 250 : 1_200));
  }

  @Test
  void a_point_of_the_ring_is_the_xxhash64_of_address_and_number() {
    hosts(Policy.RING_HASH, host(1), host(2), host(3));
    for (int i = 0; i < 300; i++) {
      byte[] key = ("10.0.0.2:9080_" + i).getBytes(StandardCharsets.UTF_8);
      assertThat(at(Hashing.xxh64().hashBytesToLong(key))).isEqualTo("10.0.0.2:9080");
    }
  }

  /** Reference values published with the algorithm. */
  @Test
  void xxhash64_is_the_published_one() {
    assertThat(Hashing.xxh64().hashBytesToLong(new byte[0])).isEqualTo(0xef46db3751d8e999L);
    assertThat(Hashing.xxh64().hashBytesToLong("a".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(0xd24ec4f1a98c6e5bL);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void a_retry_that_avoids_its_hosts_gets_another(Policy policy) {
    hosts(policy, host(1), host(2));
    Host one = mesh.hostAt(1);
    int elsewhere = 0;
    for (int i = 0; i < 200; i++) {
      long hash = mesh.dice.nextLong();
      Request request = new Request(false, hash, List.of(one), 20, 1, null);
      Lease lease = mesh.lease(request);
      elsewhere += lease.host() == one ? 0 : 1;
      lease.end(mesh.now);
    }
    assertThat(elsewhere).isGreaterThan(198);
  }

  @Test
  @Timeout(20)
  void a_table_size_that_is_no_prime_is_made_one_instead_of_never_filling() {
    mesh.put(
        config(
            Discovery.EDS,
            List.of(),
            new LoadBalancing(Policy.MAGLEV, 2, 1, 50, false, 1024, 0, 1, 10),
            CircuitBreakers.DEFAULTS));
    mesh.clusters.endpoints(endpoints(host(1), host(2), host(3), host(4)));
    assertThat(mesh.picks(1_000)).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void without_a_hash_any_host_may_be_picked(Policy policy) {
    hosts(policy, host(1), host(2));
    assertThat(mesh.picks(200)).hasSize(2);
  }
}
