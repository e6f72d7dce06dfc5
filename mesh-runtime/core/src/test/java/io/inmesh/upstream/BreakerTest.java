package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.config;
import static io.inmesh.upstream.UpstreamFixture.endpoints;
import static io.inmesh.upstream.UpstreamFixture.host;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  private static ClusterConfig breakers(
      long pending, long requests, long retries, double budget, long minRetries) {
    return config(
        Discovery.EDS,
        List.of(),
        LoadBalancing.of(Policy.ROUND_ROBIN),
        new CircuitBreakers(1024, pending, requests, retries, budget, minRetries));
  }

  private Cluster cluster(ClusterConfig config) {
    Cluster cluster = mesh.put(config);
    mesh.clusters.endpoints(endpoints(host(1), host(2)));
    return cluster;
  }

  /** grpc-java enforces this only with a load reporting server; Istio configures none. */
  @Test
  void max_requests_holds_without_any_load_reporting() {
    Cluster cluster = cluster(breakers(100, 1, 3, -1, 3));
    Lease one = mesh.lease();
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.OVERFLOW_REQUESTS);
    assertThat(cluster.acquire(Request.HIGH, mesh.now)).isInstanceOf(Lease.class);
    one.end(mesh.now);
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isInstanceOf(Lease.class);
  }

  @Test
  void max_pending_requests_counts_until_the_connection_stands() {
    Cluster cluster = cluster(breakers(1, 100, 3, -1, 3));
    Lease one = mesh.lease();
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.OVERFLOW_PENDING);
    assertThat(cluster.activeRequests(false)).isEqualTo(1);
    one.connected(mesh.now);
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isInstanceOf(Lease.class);
  }

  @Test
  void a_lease_holds_its_place_after_the_response_head_until_its_stream_ends() {
    Cluster cluster = cluster(breakers(100, 1, 3, -1, 3));
    Lease one = mesh.lease();
    one.connected(mesh.now);
    one.response(200, false, -1, mesh.now);
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.OVERFLOW_REQUESTS);
    one.end(mesh.now);
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isInstanceOf(Lease.class);
  }

  @Test
  void ending_twice_or_connecting_after_the_end_gives_back_once() {
    Cluster cluster = cluster(breakers(10, 10, 3, -1, 3));
    Lease lease = mesh.lease();
    lease.end(mesh.now);
    lease.end(mesh.now);
    lease.connected(mesh.now);
    assertThat(cluster.activeRequests(false)).isZero();
    assertThat(cluster.pendingRequests(false)).isZero();
    assertThat(lease.host().active()).isZero();
  }

  @Test
  void a_refused_request_takes_nothing() {
    Cluster cluster = cluster(breakers(100, 0, 3, -1, 3));
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.OVERFLOW_REQUESTS);
    assertThat(cluster.activeRequests(false)).isZero();
    assertThat(cluster.hosts()).allMatch(host -> host.active() == 0);
  }

  @Test
  void max_retries_limits_retries_in_progress() {
    Cluster cluster = cluster(breakers(100, 100, 2, -1, 3));
    assertThat(cluster.tryRetry(false)).isTrue();
    assertThat(cluster.tryRetry(false)).isTrue();
    assertThat(cluster.tryRetry(false)).isFalse();
    assertThat(cluster.tryRetry(true)).isTrue();
    cluster.releaseRetry(false);
    assertThat(cluster.tryRetry(false)).isTrue();
  }

  @Test
  void a_retry_budget_is_a_share_of_the_requests_in_flight_but_never_less_than_its_minimum() {
    Cluster cluster = cluster(breakers(100, 100, 0, 20, 1));
    assertThat(cluster.tryRetry(false)).isTrue();
    assertThat(cluster.tryRetry(false)).isFalse();
    for (int i = 0; i < 15; i++) {
      mesh.lease();
    }
    assertThat(cluster.tryRetry(false)).isTrue();
    assertThat(cluster.tryRetry(false)).isTrue();
    assertThat(cluster.tryRetry(false)).isFalse();
  }

  @Test
  void new_limits_hold_at_once_and_count_what_is_in_flight() {
    Cluster cluster = cluster(breakers(100, 100, 3, -1, 3));
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      leases.add(mesh.lease());
    }
    mesh.put(breakers(100, 5, 3, -1, 3));
    assertThat(mesh.cluster()).isSameAs(cluster);
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.OVERFLOW_REQUESTS);
    mesh.put(breakers(100, 6, 3, -1, 3));
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isInstanceOf(Lease.class);
  }

  @Test
  void what_istiod_sends_when_nothing_is_configured_never_overflows() {
    long unlimited = 4_294_967_295L;
    cluster(breakers(unlimited, unlimited, unlimited, -1, 3));
    for (int i = 0; i < 5_000; i++) {
      mesh.lease();
    }
    assertThat(mesh.cluster().activeRequests(false)).isEqualTo(5_000);
  }

  @Test
  void two_threads_never_exceed_a_limit_and_leave_nothing_behind() throws Exception {
    Cluster cluster = cluster(breakers(3, 3, 3, -1, 3));
    mesh.random = () -> 1;
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger granted = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  start.await();
                } catch (InterruptedException e) {
                  return;
                }
                for (int i = 0; i < 20_000; i++) {
                  if (cluster.acquire(Request.PLAIN, mesh.now) instanceof Lease lease) {
                    granted.incrementAndGet();
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    if (i % 3 == 0) {
                      lease.connected(mesh.now);
                    }
                    inside.decrementAndGet();
                    lease.end(mesh.now);
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(granted.get()).isPositive();
    assertThat(most.get()).isBetween(1, 3);
    assertThat(cluster.activeRequests(false)).isZero();
    assertThat(cluster.pendingRequests(false)).isZero();
    assertThat(cluster.hosts()).allMatch(host -> host.active() == 0);
  }
}
