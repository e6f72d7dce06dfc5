package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.NAME;
import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.eds;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static io.inmesh.upstream.UpstreamFixture.localities;
import static io.inmesh.upstream.UpstreamFixture.locality;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClustersTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  @Test
  void a_cluster_without_an_answer_from_eds_is_not_ready_and_one_without_hosts_has_none_healthy() {
    Cluster cluster = mesh.put(eds(Policy.ROUND_ROBIN));
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.NOT_READY);
    mesh.clusters.endpoints(endpoints());
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.NO_HEALTHY_UPSTREAM);
  }

  @Test
  void endpoints_that_come_before_their_cluster_are_kept_for_it() {
    mesh.clusters.endpoints(endpoints(host(1)));
    mesh.put(eds(Policy.ROUND_ROBIN));
    assertThat(mesh.lease().host().address()).isEqualTo("10.0.0.1:9080");
  }

  @Test
  void a_host_keeps_its_active_count_over_endpoint_updates_and_over_its_own_removal() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(endpoints(host(1)));
    Lease first = mesh.lease();
    mesh.clusters.endpoints(endpoints(host(1), host(2)));
    assertThat(mesh.hostAt(1)).isSameAs(first.host());
    mesh.clusters.endpoints(endpoints(host(2)));
    assertThat(mesh.cluster().hosts()).extracting(Host::address).containsExactly("10.0.0.2:9080");
    mesh.clusters.endpoints(endpoints(host(1), host(2)));
    assertThat(mesh.hostAt(1)).isSameAs(first.host());
    assertThat(first.host().active()).isEqualTo(1);
    first.end(mesh.now);
    assertThat(first.host().active()).isZero();
  }

  @Test
  void a_removed_cluster_is_not_found_while_its_leases_end_in_peace() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(endpoints(host(1)));
    Lease lease = mesh.lease();
    mesh.clusters.remove(NAME);
    assertThat(mesh.clusters.find(NAME)).isNull();
    lease.end(mesh.now);
    assertThat(lease.cluster().activeRequests(false)).isZero();
  }

  @Test
  void a_static_cluster_has_its_hosts_at_once() {
    mesh.put(
        config(
            Discovery.STATIC,
            List.of(locality(0, host(7))),
            LoadBalancing.of(Policy.RANDOM),
            CircuitBreakers.DEFAULTS));
    assertThat(mesh.lease().host().address()).isEqualTo("10.0.0.7:9080");
  }

  @Test
  void an_address_that_is_named_twice_is_one_host() {
    mesh.put(eds(Policy.ROUND_ROBIN));
    mesh.clusters.endpoints(localities(locality(0, host(1)), locality(1, host(1), host(2))));
    assertThat(mesh.cluster().hosts()).hasSize(2);
  }
}
