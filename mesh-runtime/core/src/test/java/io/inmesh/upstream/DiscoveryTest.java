package io.inmesh.upstream;

import static io.inmesh.upstream.UpstreamFixture.SECOND;
import static io.inmesh.upstream.UpstreamFixture.config;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.DnsLookup;
import io.inmesh.config.Endpoint;
import io.inmesh.config.Endpoint.Health;
import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import io.inmesh.config.LocalityEndpoints;
import io.inmesh.upstream.UpstreamFixture.Request;
import java.lang.reflect.Proxy;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryTest {
  private final UpstreamFixture mesh = new UpstreamFixture();

  private static ClusterConfig dns(Discovery discovery) {
    Endpoint named = new Endpoint("example.org", 443, "", Health.HEALTHY, 1, Map.of(), "");
    return config(
        discovery,
        List.of(new LocalityEndpoints("", 0, 1, List.of(named))),
        LoadBalancing.of(Policy.ROUND_ROBIN),
        CircuitBreakers.DEFAULTS);
  }

  private void answer(String... addresses) {
    java.util.Objects.requireNonNull(mesh.names.get("example.org")).complete(List.of(addresses));
  }

  @Test
  void strict_dns_makes_a_host_of_every_address_once_the_name_is_answered() {
    Cluster cluster = mesh.put(dns(Discovery.STRICT_DNS));
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.NOT_READY);
    answer("192.0.2.1", "2001:db8::1");
    assertThat(cluster.hosts())
        .extracting(Host::address)
        .containsExactly("192.0.2.1:443", "[2001:db8::1]:443");
    assertThat(cluster.hosts().get(0).endpoint().hostname()).isEqualTo("example.org");
    cluster.close();
  }

  @Test
  void logical_dns_uses_the_first_address() {
    Cluster cluster = mesh.put(dns(Discovery.LOGICAL_DNS));
    answer("192.0.2.1", "192.0.2.2");
    assertThat(cluster.hosts()).extracting(Host::address).containsExactly("192.0.2.1:443");
    cluster.close();
  }

  @Test
  void a_name_that_cannot_be_resolved_leaves_a_cluster_without_hosts_and_is_reported() {
    Cluster cluster = mesh.put(dns(Discovery.STRICT_DNS));
    java.util.Objects.requireNonNull(mesh.names.get("example.org"))
        .completeExceptionally(new UnknownHostException("example.org"));
    assertThat(cluster.acquire(Request.PLAIN, mesh.now)).isEqualTo(Refusal.NO_HEALTHY_UPSTREAM);
    assertThat(mesh.events).containsExactly("example.org not resolved");
    cluster.close();
  }

  /** A scheduler that runs nothing by itself and tells when it would. */
  private static ScheduledExecutorService scheduler(List<Long> waits, List<Runnable> tasks) {
    return (ScheduledExecutorService)
        Proxy.newProxyInstance(
            DiscoveryTest.class.getClassLoader(),
            new Class<?>[] {ScheduledExecutorService.class},
            (proxy, method, arguments) -> {
              tasks.add((Runnable) arguments[0]);
              waits.add(((TimeUnit) arguments[2]).toSeconds((Long) arguments[1]));
              return UpstreamFixture.NO_TIMER.schedule(() -> {}, 1, TimeUnit.DAYS);
            });
  }

  @Test
  void names_are_asked_for_again_and_one_that_fails_keeps_its_addresses() {
    List<Long> waits = new ArrayList<>();
    List<Runnable> tasks = new ArrayList<>();
    Deque<CompletableFuture<List<String>>> answers = new ArrayDeque<>();
    answers.add(CompletableFuture.completedFuture(List.of("192.0.2.1")));
    answers.add(CompletableFuture.failedFuture(new UnknownHostException("example.org")));
    answers.add(CompletableFuture.completedFuture(List.of("192.0.2.2")));
    Clusters clusters =
        new Clusters(
            new ClusterEnvironment(
                () -> 1,
                () -> mesh.now,
                UpstreamListener.NONE,
                name -> answers.remove(),
                scheduler(waits, tasks)));
    clusters.put(dns(Discovery.STRICT_DNS));
    Cluster cluster = java.util.Objects.requireNonNull(clusters.find(UpstreamFixture.NAME));
    assertThat(cluster.hosts()).extracting(Host::address).containsExactly("192.0.2.1:443");
    assertThat(waits).containsExactly(60L);
    tasks.get(0).run();
    assertThat(cluster.hosts()).extracting(Host::address).containsExactly("192.0.2.1:443");
    assertThat(waits).as("sooner after a failure").containsExactly(60L, 10L);
    tasks.get(1).run();
    assertThat(cluster.hosts()).extracting(Host::address).containsExactly("192.0.2.2:443");
    cluster.close();
    tasks.get(2).run();
    assertThat(waits).as("nobody asks for a cluster that is gone").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "AUTO, 2001:db8::1",
    "V4_ONLY, 192.0.2.1",
    "V6_ONLY, 2001:db8::1",
    "V4_PREFERRED, 192.0.2.1",
    "ALL, 192.0.2.1 2001:db8::1"
  })
  void the_family_says_which_addresses_count(DnsLookup.Family family, String wanted) {
    assertThat(family.of(List.of("192.0.2.1", "2001:db8::1"))).containsExactly(wanted.split(" "));
  }

  @Test
  void the_jdk_resolver_answers_off_the_callers_thread() throws Exception {
    Thread[] ran = new Thread[1];
    JdkHostResolver resolver =
        new JdkHostResolver(
            task -> {
              ran[0] = new Thread(task, "resolver");
              ran[0].start();
            });
    List<String> addresses =
        resolver.resolve("127.0.0.1").toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertThat(addresses).containsExactly("127.0.0.1");
    assertThat(ran[0]).isNotNull();
  }

  @Test
  void original_destination_goes_where_the_caller_wanted_with_one_host_for_each_address() {
    passthrough();
    Lease first = mesh.lease(Request.to("203.0.113.9:8080"));
    Lease second = mesh.lease(Request.to("203.0.113.9:8080"));
    assertThat(first.host()).isSameAs(second.host());
    assertThat(first.host().endpoint().port()).isEqualTo(8080);
    assertThat(mesh.lease(Request.to("[2001:db8::9]:80")).host().endpoint().host())
        .isEqualTo("2001:db8::9");
    assertThat(mesh.cluster().hosts()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"203.0.113.9", ":80", "203.0.113.9:http"})
  void a_destination_that_is_none_finds_no_host(String destination) {
    passthrough();
    assertThat(mesh.cluster().acquire(Request.to(destination), mesh.now))
        .isEqualTo(Refusal.NO_HEALTHY_UPSTREAM);
    assertThat(mesh.cluster().acquire(Request.PLAIN, mesh.now))
        .isEqualTo(Refusal.NO_HEALTHY_UPSTREAM);
  }

  @Test
  void destinations_that_nobody_uses_are_forgotten_and_used_ones_are_not() {
    passthrough();
    mesh.lease(Request.to("203.0.113.1:80"));
    mesh.lease(Request.to("203.0.113.2:80")).end(mesh.now);
    mesh.now += 6 * SECOND;
    mesh.lease(Request.to("203.0.113.3:80"));
    assertThat(mesh.cluster().hosts())
        .extracting(Host::address)
        .containsExactlyInAnyOrder("203.0.113.1:80", "203.0.113.3:80");
  }

  private void passthrough() {
    mesh.put(
        config(
            Discovery.ORIGINAL_DST,
            List.of(),
            LoadBalancing.of(Policy.CLUSTER_PROVIDED),
            CircuitBreakers.DEFAULTS));
  }
}
