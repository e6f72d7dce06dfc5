package io.inmesh.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mesh with a control plane, a call, and what the admin server says of it. */
class AdminServerTest {
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

  private static String get(String path) throws Exception {
    HttpResponse<String> response = shop.ask("GET", path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  private static String cluster() {
    return "outbound|" + shop.service + "||reviews.shop.svc.cluster.local";
  }

  @Test
  void statsHaveEnvoysNames() throws Exception {
    assertThat(get("/stats?filter=upstream_rq_(200%7C500)"))
        .contains("cluster." + cluster() + ".upstream_rq_200: ")
        .contains("cluster." + cluster() + ".upstream_rq_500: 1")
        .doesNotContain("upstream_rq_total");
    assertThat(get("/stats?format=json&filter=upstream_rq_500"))
        .contains("\"name\": \"cluster." + cluster() + ".upstream_rq_500\"")
        .contains("\"value\": 1");
    assertThat(get("/stats/prometheus"))
        .contains("envoy_cluster_upstream_rq{envoy_response_code=\"500\",envoy_cluster_name=\"")
        .contains("envoy_control_plane_connected_state 1")
        .contains("inmesh_build_info{version=")
        .contains("envoy_cluster_membership_total{envoy_cluster_name=\"" + cluster() + "\"} 1")
        .contains("inmesh_certificate_expiration_timestamp_seconds{identity=\"spiffe://");
  }

  @Test
  void theDumpHasEnvoysShape() throws Exception {
    String dump = get("/config_dump?include_eds");
    assertThat(dump)
        .contains("\"@type\": \"type.googleapis.com/envoy.admin.v3.ClustersConfigDump\"")
        .contains("\"dynamic_active_clusters\": [")
        .contains("\"@type\": \"type.googleapis.com/envoy.config.cluster.v3.Cluster\"")
        .contains("\"name\": \"" + cluster() + "\"")
        .contains("\"dynamic_listeners\": [")
        .contains("\"active_state\": {")
        .contains("\"dynamic_route_configs\": [")
        .contains("\"dynamic_endpoint_configs\": [")
        .contains("\"connect_timeout\": \"10s\"")
        .contains("\"port_value\": " + shop.applicationPort())
        .doesNotContain("PRIVATE KEY");
    assertThat(get("/config_dump")).doesNotContain("dynamic_endpoint_configs");
  }

  @Test
  void clustersShowTheirHosts() throws Exception {
    String host = "127.0.0.1:" + shop.applicationPort();
    assertThat(get("/clusters")).contains(cluster() + "::" + host + "::health_flags::healthy");
    assertThat(get("/clusters?format=json"))
        .contains("\"cluster_statuses\": [")
        .contains("\"eds_health_status\": \"HEALTHY\"");
  }

  @Test
  void certificatesAreShownWithoutTheirKeys() throws Exception {
    assertThat(get("/certs"))
        .contains("\"uri\": \"spiffe://cluster.local/ns/shop/sa/storefront\"")
        .contains("\"ca_cert\": [")
        .doesNotContain("key");
  }

  @Test
  void theProcessSaysWhatItIs() throws Exception {
    assertThat(get("/ready")).isEqualTo("LIVE\n");
    assertThat(get("/server_info"))
        .contains("\"state\": \"LIVE\"")
        .contains("\"id\": \"sidecar~127.0.0.1~storefront-1.shop~shop.svc.cluster.local\"");
    assertThat(get("/logging")).contains("io.inmesh.call: ");
    assertThat(get("/")).contains("/config_dump");
  }

  @Test
  void aCallIsExplained() throws Exception {
    String walk = get("/explain?authority=reviews.shop:" + shop.service + "&path=/x");
    assertThat(walk)
        .contains("request: GET reviews.shop:" + shop.service + "/x")
        .contains("listener: 0.0.0.0_" + shop.service)
        .contains("virtual host: reviews.shop.svc.cluster.local:" + shop.service)
        .contains("result: taken")
        .contains("cluster: " + cluster())
        .contains("- address: 127.0.0.1:" + shop.applicationPort())
        .contains("state: HEALTHY")
        .contains("outcome: sent to 127.0.0.1:" + shop.applicationPort());
    assertThat(get("/explain?format=json&authority=nobody.shop:" + shop.service))
        .contains("\"outcome\": ");
    assertThat(shop.ask("GET", "/explain").statusCode()).isEqualTo(400);
  }

  @Test
  void refusalsKeepTheirWalk() throws Exception {
    int closed = RunningShop.freePort();
    shop.service("broken", closed);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(shop.call("broken", "/why")).isEqualTo(503);
              assertThat(get("/refusals"))
                  .contains("request: GET broken.shop:" + shop.service + "/why")
                  .contains("answer: 503 URX,UF ")
                  .contains("host: 127.0.0.1:" + closed);
            });
  }

  @Test
  void whatIsNotThereIsSaid() throws Exception {
    assertThat(shop.ask("GET", "/quitquitquit").statusCode()).isEqualTo(404);
    assertThat(shop.ask("POST", "/stats").statusCode()).isEqualTo(405);
    assertThat(shop.ask("GET", "/stats?filter=(").statusCode()).isEqualTo(400);
    assertThat(shop.ask("POST", "/logging?io.inmesh.nothing=debug").statusCode()).isEqualTo(400);
  }
}
