package io.inmesh.fields;

import static io.inmesh.fields.Configured.host;
import static io.inmesh.fields.Configured.locality;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.config.TransportSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code Cluster} and {@code ClusterLoadAssignment}: which host gets a request, and how many. */
class ClusterFieldsTest {
  private final Configured mesh = new Configured();

  /** Hosts of n calls that are answered at once. */
  private Map<String, Integer> counts(int n) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < n; i++) {
      Driven call = mesh.get("/");
      if (!(call.peek() instanceof Command.Start)) {
        counts.merge("none", 1, Integer::sum);
        continue;
      }
      counts.merge(call.ip(), 1, Integer::sum);
      call.answer(200);
    }
    return counts;
  }

  /** Hosts of calls that all are in flight together. */
  private Map<String, Integer> together(int n) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < n; i++) {
      counts.merge(mesh.get("/").ip(), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void roundRobinTakesTurns() {
    mesh.cluster("reviews", "'lb_policy': 'ROUND_ROBIN'").hosts("10.0.0.1", "10.0.0.2", "10.0.0.3");
    assertThat(counts(300).values()).containsExactly(100, 100, 100);
    mesh.cluster("reviews", "'lb_policy': 'RANDOM'");
    assertThat(counts(300)).hasSize(3);
    assertThat(counts(300).values()).isNotEqualTo(List.of(100, 100, 100));
  }

  @Test
  void leastRequestAsksAsManyHostsAsItIsTold() {
    String[] ips = new String[20];
    for (int i = 0; i < ips.length; i++) {
      ips[i] = "10.0.0." + (100 + i);
    }
    mesh.cluster(
            "reviews",
            "'lb_policy': 'LEAST_REQUEST', 'least_request_lb_config': {'choice_count': 100}")
        .hosts(ips);
    int many = most(together(200));
    mesh.cluster("reviews", "'lb_policy': 'RANDOM'").hosts("10.1.0.1").hosts(ips);
    int random = most(together(200));
    assertThat(many).isEqualTo(10);
    assertThat(random).isGreaterThan(13);
  }

  @Test
  void leastRequestAsksTwoUnlessSaid() {
    mesh.cluster("reviews", "'lb_policy': 'LEAST_REQUEST'").hosts("10.0.0.1", "10.0.0.2");
    assertThat(most(together(200))).isLessThan(120);
  }

  @ParameterizedTest
  @CsvSource({"ROUND_ROBIN, 'round_robin_lb_config'", "LEAST_REQUEST, 'least_request_lb_config'"})
  void aNewHostStartsSlowly(String policy, String config) {
    mesh.cluster(
            "reviews",
            "'lb_policy': '"
                + policy
                + "', '"
                + config
                + "': {'slow_start_config': {'slow_start_window': '60s',"
                + " 'aggression': {'default_value': 2.0, 'runtime_key': 'a'},"
                + " 'min_weight_percent': {'value': 20}}}")
        .hosts("10.0.0.1", "10.0.0.2");
    mesh.now += 60_000 * Configured.MS;
    mesh.hosts("10.0.0.1", "10.0.0.2", "10.0.0.3");
    assertThat(answered(4000, "10.0.0.3")).as("a fifth of its share").isBetween(290, 440);
    mesh.now += 15_000 * Configured.MS;
    assertThat(answered(4000, "10.0.0.3")).as("half, the root of 1/4").isBetween(690, 910);
    mesh.now += 45_000 * Configured.MS;
    assertThat(answered(4000, "10.0.0.3")).isBetween(1210, 1460);
  }

  private int answered(int calls, String ip) {
    int count = 0;
    for (int i = 0; i < calls; i++) {
      Driven call = mesh.get("/");
      count += call.ip().equals(ip) ? 1 : 0;
      call.answer(200);
    }
    return count;
  }

  private static int most(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(n -> n).max().orElse(0);
  }

  @ParameterizedTest
  @CsvSource({
    "RING_HASH, 'ring_hash_lb_config', 'minimum_ring_size', 64, 4096",
    "MAGLEV, 'maglev_lb_config', 'table_size', 67, 65537"
  })
  void aHashKeepsItsHostAndLargerTablesShareMoreEvenly(
      String policy, String config, String size, int small, int large) {
    mesh.action("'hash_policy': [{'header': {'header_name': 'x-user'}}]");
    double[] spread = new double[2];
    for (int i = 0; i < 2; i++) {
      mesh.cluster(
          "reviews",
          "'lb_policy': '"
              + policy
              + "', '"
              + config
              + "': {'"
              + size
              + "': "
              + (i == 0 ? small : large)
              + "}");
      Map<String, Integer> counts = new TreeMap<>();
      for (int user = 0; user < 6000; user++) {
        Driven call = mesh.get("/", "x-user", "user-" + user);
        counts.merge(call.ip(), 1, Integer::sum);
        call.answer(200);
      }
      assertThat(counts).hasSize(3);
      spread[i] = most(counts) / 2000.0;
      String host = mesh.get("/", "x-user", "ann").ip();
      assertThat(mesh.get("/", "x-user", "ann").ip()).isEqualTo(host);
    }
    assertThat(spread[1]).as("largest share, of an even one").isLessThan(spread[0]);
  }

  @Test
  void requestsGoWhereTheCallerWantedInAClusterOfOriginalDestinations() {
    mesh.wholeCluster(
        "passthrough",
        "'type': 'ORIGINAL_DST', 'lb_policy': 'CLUSTER_PROVIDED', 'connect_timeout': '1s'");
    mesh.target("'cluster': 'passthrough'");
    assertThat(mesh.get("/").start().host().address()).isEqualTo("reviews.shop:8080");
    mesh.wholeCluster("passthrough", "'type': 'STATIC', " + load("10.7.0.1"));
    assertThat(mesh.get("/").ip()).isEqualTo("10.7.0.1");
  }

  private static String load(String host) {
    return "'load_assignment': {'cluster_name': 'x', 'endpoints': ["
        + locality("", host(host, ""))
        + "]}";
  }

  @Test
  void namesAreResolvedToAllAddressesOrToOne() {
    mesh.target("'cluster': 'dns'");
    mesh.wholeCluster("dns", "'type': 'STRICT_DNS', " + load("reviews.example"));
    assertThat(counts(20)).containsOnlyKeys("10.8.0.1", "10.8.0.2");
    mesh.wholeCluster("dns", "'type': 'LOGICAL_DNS', " + load("reviews.example"));
    assertThat(counts(20)).containsOnlyKeys("10.8.0.1");
  }

  @Test
  void hostsGetTheirWeight() {
    mesh.endpoints(
        "reviews",
        "'endpoints': ["
            + locality(
                "",
                host("10.0.0.1", "'load_balancing_weight': 3"),
                host("10.0.0.2", "'load_balancing_weight': 1"))
            + "]");
    assertThat(counts(400)).isEqualTo(Map.of("10.0.0.1", 300, "10.0.0.2", 100));
  }

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN, true",
    "HEALTHY, true",
    "DEGRADED, false",
    "UNHEALTHY, false",
    "DRAINING, false",
    "TIMEOUT, false"
  })
  void unhealthyHostsGetNothing(String health, boolean used) {
    mesh.endpoints(
        "reviews",
        "'endpoints': ["
            + locality(
                "",
                host("10.0.0.1", "'health_status': '" + health + "'"),
                host("10.0.0.2", ""),
                host("10.0.0.3", ""),
                host("10.0.0.4", ""))
            + "]");
    assertThat(counts(40).containsKey("10.0.0.1")).isEqualTo(used);
  }

  @Test
  void belowThePanicThresholdEveryoneIsAsked() {
    mesh.endpoints(
        "reviews",
        "'endpoints': ["
            + locality(
                "",
                host("10.0.0.1", "'health_status': 'UNHEALTHY'"),
                host("10.0.0.2", "'health_status': 'UNHEALTHY'"),
                host("10.0.0.3", ""))
            + "]");
    assertThat(counts(60)).as("50 %% unless said").hasSize(3);
    mesh.cluster("reviews", "'common_lb_config': {'healthy_panic_threshold': {'value': 20}}");
    assertThat(counts(60)).containsOnlyKeys("10.0.0.3");
  }

  @Test
  void thePriorityBehindTakesWhatTheFirstCannot() {
    String[] first = {
      host("10.0.0.1", "'health_status': 'UNHEALTHY'"), host("10.0.0.2", ""), host("10.0.0.3", "")
    };
    String levels =
        locality("'priority': 0", first) + "," + locality("'priority': 1", host("10.1.0.1", ""));
    mesh.endpoints("reviews", "'endpoints': [" + levels + "]");
    int spilled = counts(1000).getOrDefault("10.1.0.1", 0);
    mesh.endpoints(
        "reviews", "'endpoints': [" + levels + "], 'policy': {'overprovisioning_factor': 100}");
    int more = counts(1000).getOrDefault("10.1.0.1", 0);
    mesh.endpoints(
        "reviews", "'endpoints': [" + levels + "], 'policy': {'overprovisioning_factor': 200}");
    assertThat(spilled).as("2/3 * 140 %% are enough but for 7 %%").isBetween(30, 110);
    assertThat(more).as("a third").isBetween(270, 400);
    assertThat(counts(1000)).doesNotContainKey("10.1.0.1");
  }

  @Test
  void localitiesGetTheirWeightWhenTheClusterSaysSo() {
    mesh.endpoints(
        "reviews",
        "'endpoints': ["
            + locality(
                "'locality': {'region': 'a'}, 'load_balancing_weight': 1",
                host("10.0.0.1", ""),
                host("10.0.0.2", ""),
                host("10.0.0.3", ""))
            + ","
            + locality(
                "'locality': {'region': 'b'}, 'load_balancing_weight': 3", host("10.1.0.1", ""))
            + "]");
    assertThat(counts(400).get("10.1.0.1")).isEqualTo(100);
    mesh.cluster("reviews", "'common_lb_config': {'locality_weighted_lb_config': {}}");
    assertThat(counts(400).get("10.1.0.1")).isEqualTo(300);
  }

  @Test
  void theSocketIsTheOneWhoseLabelsTheHostHas() {
    String matches =
        "'transport_socket_matches': [{'name': 'mtls', 'match': {'tlsMode': 'istio'},"
            + " 'transport_socket': "
            + Configured.tls("Upstream", "'sni': 'matched'")
            + "}], 'transport_socket': "
            + Configured.tls("Upstream", "'sni': 'otherwise'");
    String label =
        "'metadata': {'filter_metadata': {'envoy.transport_socket_match': {'tlsMode': 'istio'}}}";
    mesh.cluster("reviews", matches).endpoints("reviews", one(label));
    assertThat(sni()).isEqualTo("matched");
    mesh.endpoints("reviews", one(label.replace("'istio'}}", "'none'}}")));
    assertThat(sni()).isEqualTo("otherwise");
    mesh.cluster("reviews", "");
    assertThat(mesh.get("/").start().wire().tls()).isNull();
  }

  @Test
  void aRawBufferIsPlaintextByItsTypeWhateverItsName() {
    mesh.cluster(
        "reviews",
        "'transport_socket': {'name': 'mine', 'typed_config': {'@type':"
            + " 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'}}");
    assertThat(mesh.get("/").start().wire().tls()).isNull();
  }

  @Test
  void endpointsFromElsewhereThanTheMeshsStreamAreRefused() {
    assertThat(mesh.get("/").start()).isNotNull();
    mesh.cluster("reviews", "'eds_cluster_config': {'eds_config': {'path': '/etc/eds.yaml'}}");
    var response = mesh.get("/").response();
    assertThat(response.status()).isEqualTo(503);
  }

  private static String one(String json) {
    return "'endpoints': [" + locality("", host("10.0.0.1", json)) + "]";
  }

  private String sni() {
    TransportSocket.Tls tls = mesh.get("/").start().wire().tls();
    return tls == null ? "plaintext" : tls.sni();
  }

  // ---- circuit breakers

  private void thresholds(String json) {
    mesh.cluster("reviews", "'circuit_breakers': {'thresholds': [{" + json + "}]}");
  }

  private int admitted(int wanted, boolean connected) {
    List<Driven> calls = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      Driven call = mesh.call("POST", "/", BodyTraits.REPLAYABLE);
      if (!(call.peek() instanceof Command.Start)) {
        assertThat(call.response().headers().first("x-envoy-overloaded")).isEqualTo("true");
        assertThat(call.outcome().flags().toString()).isEqualTo("UO");
        break;
      }
      call.start();
      if (connected) {
        call.sent();
      }
      calls.add(call);
    }
    calls.forEach(call -> call.on(new Event.CallerGone()));
    return calls.size();
  }

  @Test
  void requestsInFlightAreLimited() {
    assertThat(admitted(2000, true)).isEqualTo(1024);
    thresholds("'max_requests': 2");
    assertThat(admitted(10, true)).isEqualTo(2);
    thresholds("'max_requests': 2, 'priority': 'HIGH'");
    assertThat(admitted(10, true)).isEqualTo(10);
  }

  @Test
  void requestsThatWaitForAConnectionAreLimited() {
    thresholds("'max_pending_requests': 3");
    assertThat(admitted(10, false)).isEqualTo(3);
    assertThat(admitted(10, true)).isEqualTo(10);
  }

  /** How many of ten calls that fail together are retried. */
  private int retried(int calls) {
    mesh.action("'retry_policy': {'retry_on': '5xx'}");
    List<Driven> all = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      Driven call = mesh.get("/");
      call.start();
      all.add(call);
    }
    int retried = 0;
    for (Driven call : all) {
      call.answer(503);
      retried += call.peek() instanceof Command.Cancel ? 1 : 0;
    }
    all.forEach(call -> call.on(new Event.CallerGone()));
    return retried;
  }

  @Test
  void retriesInProgressAreLimited() {
    assertThat(retried(10)).as("3 unless said").isEqualTo(3);
    thresholds("'max_retries': 5");
    assertThat(retried(10)).isEqualTo(5);
  }

  @Test
  void aRetryBudgetIsAShareOfTheRequestsWithAMinimum() {
    thresholds("'retry_budget': {}");
    assertThat(retried(10)).as("20 %%, at least 3").isEqualTo(3);
    thresholds("'retry_budget': {'min_retry_concurrency': 6}");
    assertThat(retried(10)).isEqualTo(6);
    thresholds("'retry_budget': {'budget_percent': {'value': 50}, 'min_retry_concurrency': 0}");
    assertThat(retried(20)).isBetween(5, 10);
  }
}
