package io.inmesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the commands make of answers, and of their absence. The admin server is a fake here. */
class AdminAnswersTest {
  private static final String CLUSTERS =
      """
      {"cluster_statuses": [
        {"name": "outbound|8080|v2|reviews.shop.svc.cluster.local", "added_via_api": true, "host_statuses": [
          {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 18080}},
           "stats": [{"name": "rq_active", "type": "GAUGE", "value": "3"}],
           "health_status": {"eds_health_status": "HEALTHY"}, "weight": 1, "hostname": "", "priority": 0},
          {"address": {"socket_address": {"address": "10.0.0.2", "port_value": 18080}},
           "stats": [{"name": "rq_active", "type": "GAUGE", "value": "0"}],
           "health_status": {"failed_outlier_check": true, "eds_health_status": "HEALTHY"}, "weight": 2}]},
        {"name": "PassthroughCluster", "host_statuses": []}]}
      """;

  private AdminFake admin;

  @BeforeEach
  void start() throws IOException {
    admin = new AdminFake();
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  private Run run(String command, String... more) {
    String[] arguments = new String[more.length + 3];
    arguments[0] = command;
    arguments[1] = "--admin";
    arguments[2] = admin.address();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return Run.of(arguments);
  }

  @Test
  void clustersSayHowManyHostsAreUsable() {
    admin.answer("/clusters", 200, CLUSTERS);
    Run run = run("clusters");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            SERVICE             PORT  SUBSET  DIRECTION  HOSTS  USABLE  ACTIVE
            reviews.shop        8080  v2      outbound   2      1       3
            PassthroughCluster  -     -       -          0      0       0
            """);
    assertThat(admin.asked()).containsExactly("/clusters?format=json");
    assertThat(run("clusters", "reviews").out()).doesNotContain("Passthrough");
    assertThat(run("clusters", "nothing").out()).contains("no cluster's name contains 'nothing'");
  }

  @Test
  void endpointsSayWhoIsEjected() {
    admin.answer("/clusters", 200, CLUSTERS);
    assertThat(run("endpoints", "--unusable").out())
        .isEqualTo(
            """
            ENDPOINT        HEALTH   OUTLIER CHECK  WEIGHT  ACTIVE  CLUSTER
            10.0.0.2:18080  HEALTHY  EJECTED        2       0       outbound|8080|v2|reviews.shop.svc.cluster.local
            """);
    Object first = Json.list(Json.parse(run("endpoints", "-o", "json").out())).get(0);
    assertThat(Json.string(Json.get(first, "address"))).isEqualTo("10.0.0.1:18080");
  }

  @Test
  void certificatesSayHowLongTheyLast() {
    Instant end = Instant.now().plus(Duration.ofHours(23)).plusSeconds(30);
    admin.answer(
        "/certs",
        200,
        """
        {"certificates": [{"ca_cert": [], "cert_chain": [{"serial_number": "abc", "expiration_time": "%s",
          "subject_alt_names": [{"uri": "spiffe://cluster.local/ns/shop/sa/web"}]}]}]}
        """
            .formatted(end));
    assertThat(run("certs").out())
        .containsPattern("workload  .* 23 h  abc     spiffe://cluster.local/ns/shop/sa/web\n");
    admin.answer("/certs", 200, "{\"certificates\": []}");
    assertThat(run("certs").out()).contains("no identity");
  }

  @Test
  void statsCanBeFilteredAndBecomeJson() {
    admin.answer("/stats", 200, "cluster.a.upstream_rq_200: 7\ncluster.a.upstream_rq_503: 0\n");
    assertThat(run("stats", "--nonzero", "upstream_rq").out())
        .isEqualTo("cluster.a.upstream_rq_200: 7\n");
    assertThat(admin.asked()).containsExactly("/stats?filter=upstream_rq");
    Object json = Json.parse(run("stats", "-o", "json").out());
    assertThat(Json.string(Json.map(json).get("cluster.a.upstream_rq_200"))).isEqualTo("7");
    admin.answer("/stats/prometheus", 200, "# TYPE a counter\na 1\n");
    assertThat(run("stats", "--prometheus").out()).isEqualTo("# TYPE a counter\na 1\n");
  }

  @Test
  void explainAsksForTheRequestThatWasDescribed() {
    admin.answer("/explain", 200, "the walk\n");
    Run run =
        run(
            "explain",
            "-X",
            "POST",
            "http://reviews.shop:8080/a?b=c d".replace(" ", "%20"),
            "-H",
            "end-user: j&j");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("the walk\n");
    assertThat(admin.asked())
        .containsExactly(
            "/explain?direction=outbound&method=POST&authority=reviews.shop%3A8080&path=%2Fa%3Fb%3Dc%2520d&header=end-user%3Aj%26j");
    assertThat(run("explain", "/a").code()).isEqualTo(2);
    assertThat(run("explain", "/a").err()).contains("a call needs a whole URL");
  }

  @Test
  void nobodyThereIsSaidWithWhatToLookAt() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Run run = Run.of("clusters", "--admin", "127.0.0.1:" + free);
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("inmesh: 127.0.0.1:" + free + " refuses connections.")
        .contains("inmesh.admin.address");
    assertThat(Run.of("clusters", "--admin", "nonsense").code()).isEqualTo(2);
  }

  @Test
  void somebodyElseThereIsSaidToo() {
    Run run = run("clusters");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("has no page /clusters");
    admin.answer("/certs", 403, "only loopback\n");
    assertThat(run("certs").err()).contains("with 403: only loopback");
    admin.answer("/clusters", 200, "<html>");
    assertThat(run("clusters").err()).contains("sends no JSON for /clusters");
  }

  @Test
  void aWrongCommandShowsWhatThereIs() {
    Run run = Run.of("clutsers");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("clusters");
    assertThat(Run.of().code()).isEqualTo(2);
    assertThat(Run.of("control-plane").err()).contains("--config=DIR");
    assertThat(Run.of("--help").out()).contains("explain", "check", "control-plane", "Exit codes:");
  }
}
