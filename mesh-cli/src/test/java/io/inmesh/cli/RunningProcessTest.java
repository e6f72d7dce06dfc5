package io.inmesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.admin.RunningShop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each command against the admin server of a real mesh with a real control plane. */
class RunningProcessTest {
  @TempDir static Path directory;

  private static RunningShop shop;

  @BeforeAll
  static void start() throws Exception {
    shop = new RunningShop(directory, config -> config);
    await().atMost(Duration.ofSeconds(30)).until(() -> shop.call("reviews", "/") == 200);
    shop.call("reviews", "/bad");
  }

  @AfterAll
  static void stop() throws Exception {
    if (shop != null) {
      shop.close();
    }
  }

  private static String ask(String command, String... more) {
    String[] arguments = new String[more.length + 3];
    arguments[0] = command;
    arguments[1] = "--admin";
    arguments[2] = "127.0.0.1:" + shop.admin;
    System.arraycopy(more, 0, arguments, 3, more.length);
    Run run = Run.of(arguments);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    return run.out();
  }

  @Test
  void clustersAndTheirHosts() {
    assertThat(ask("clusters", "reviews"))
        .containsPattern("reviews\\.shop +" + shop.service + " +- +outbound +1 +1 +0\n");
    assertThat(ask("endpoints", "reviews"))
        .containsPattern(
            "127\\.0\\.0\\.1:" + shop.applicationPort() + " +HEALTHY +OK +1 +0 +outbound");
    assertThat(ask("endpoints", "--unusable", "reviews")).contains("every host is usable");
  }

  @Test
  void theConfigurationInForce() {
    assertThat(ask("config"))
        .contains("node           sidecar~127.0.0.1~storefront-1.shop~shop.svc.cluster.local")
        .contains("control plane  connected")
        .containsPattern("clusters +[1-9]");
    assertThat(ask("config", "listeners")).contains("0.0.0.0:" + shop.service);
    assertThat(ask("config", "routes", String.valueOf(shop.service)))
        .containsPattern("(?m)^" + shop.service + " +[1-9]");
    assertThat(ask("config", "clusters", "reviews")).contains("EDS");
    assertThat(ask("config", "endpoints", "reviews")).contains("outbound|" + shop.service);
  }

  @Test
  void theDumpOfAProcessCanBeChecked() throws Exception {
    Path dump = directory.resolve("dump.json");
    Files.writeString(dump, ask("config", "-o", "json"));
    Run run = Run.of("check", dump.toString());
    assertThat(run.code()).as(run.out()).isZero();
    assertThat(run.out())
        .startsWith("storefront-1.shop\n")
        .contains("reviews.shop")
        .doesNotContain("not ready");
  }

  @Test
  void certificates() {
    assertThat(ask("certs"))
        .containsPattern("workload +.*spiffe://cluster.local/ns/shop/sa/storefront")
        .containsPattern("root +");
    assertThat(ask("certs", "-o", "json")).contains("\"cert_chain\"").doesNotContain("PRIVATE");
  }

  @Test
  void numbers() {
    String name = "cluster.outbound|" + shop.service + "||reviews.shop.svc.cluster.local";
    assertThat(ask("stats", "upstream_rq_500")).contains(name + ".upstream_rq_500: 1\n");
    assertThat(ask("stats", "-o", "json", "upstream_rq_500"))
        .contains(name + ".upstream_rq_500\": 1");
    assertThat(ask("stats", "--prometheus")).contains("inmesh_build_info{");
  }

  @Test
  void aCallIsExplained() {
    String url = "http://reviews.shop:" + shop.service + "/x";
    assertThat(ask("explain", url))
        .contains("request: GET reviews.shop:" + shop.service + "/x")
        .contains("outcome: sent to 127.0.0.1:" + shop.applicationPort());
    Object walk = Json.parse(ask("explain", "-o", "json", "-H", "end-user: jason", url));
    assertThat(Json.string(Json.get(walk, "outcome"))).startsWith("sent to 127.0.0.1:");
  }

  @Test
  void refusalsAreShownWithTheirReason() throws Exception {
    shop.service("broken", RunningShop.freePort());
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(shop.call("broken", "/why")).isEqualTo(503);
              assertThat(ask("explain", "--refusals"))
                  .contains("request: GET broken.shop:" + shop.service + "/why");
            });
  }
}
