package io.inmesh.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real Prometheus (Debian's package) scrapes a mesh, and the queries of Istio's service and
 * workload dashboards have results.
 */
class PrometheusTest {
  private static final String SERVICE = "reviews.shop.svc.cluster.local";

  @TempDir static Path directory;

  private static RunningShop shop;
  private static Process prometheus;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    Path binary = Path.of("/usr/bin/prometheus");
    if (!Files.isExecutable(binary)) {
      if ("true".equals(System.getenv("CI"))) {
        throw new IllegalStateException("no " + binary + ": apt-get install prometheus");
      }
      System.err.println("SKIPPED LOUDLY: no " + binary + ", so no dashboard's query is evaluated");
      Assumptions.abort("no " + binary);
    }
    shop = new RunningShop(directory, config -> config);
    port = RunningShop.freePort();
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s}
        scrape_configs:
        - job_name: inmesh
          metrics_path: /stats/prometheus
          static_configs: [{targets: ["127.0.0.1:%d"]}]
        """
            .formatted(shop.admin));
    prometheus =
        new ProcessBuilder(
                List.of(
                    binary.toString(),
                    "--config.file=" + config,
                    "--storage.tsdb.path=" + directory.resolve("data"),
                    "--web.listen-address=127.0.0.1:" + port))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> {
              shop.call("reviews", "/");
              shop.call("reviews", "/bad");
              return query("rate(istio_requests_total[1m]) > 0").size() > 0;
            });
  }

  @AfterAll
  static void stop() throws Exception {
    if (prometheus != null) {
      prometheus.destroy();
      prometheus.waitFor();
    }
    if (shop != null) {
      shop.close();
    }
  }

  private static JsonArray query(String query) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:"
                                + port
                                + "/api/v1/query?query="
                                + URLEncoder.encode(query, StandardCharsets.UTF_8)))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonParser.parseString(answer.body())
        .getAsJsonObject()
        .getAsJsonObject("data")
        .getAsJsonArray("result");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // the service dashboard
        "round(sum(irate(istio_requests_total{reporter=~\"source\",destination_service=~\""
            + SERVICE
            + "\"}[5m])), 0.001)",
        "sum(irate(istio_requests_total{reporter=~\"source\",destination_service=~\""
            + SERVICE
            + "\",response_code!~\"5.*\"}[5m])) /"
            + " sum(irate(istio_requests_total{reporter=~\"source\",destination_service=~\""
            + SERVICE
            + "\"}[5m]))",
        "histogram_quantile(0.50,"
            + " sum(irate(istio_request_duration_milliseconds_bucket{reporter=~\"source\",destination_service=~\""
            + SERVICE
            + "\"}[1m])) by (le))",
        "round(sum(irate(istio_requests_total{connection_security_policy!=\"mutual_tls\",destination_service=~\""
            + SERVICE
            + "\",reporter=~\"source\",source_workload=~\"storefront.*\",source_workload_namespace=~\"shop\"}[5m]))"
            + " by (source_workload, source_workload_namespace, response_code), 0.001)",
        "histogram_quantile(0.95,"
            + " sum(irate(istio_response_bytes_bucket{reporter=~\"source\",destination_service=~\""
            + SERVICE
            + "\"}[1m])) by (source_workload, source_workload_namespace, le))",
        // the workload dashboard
        "round(sum(irate(istio_requests_total{destination_service=~\""
            + SERVICE
            + "\",reporter=\"source\",source_workload=~\"storefront.*\"}[5m])) by"
            + " (destination_service, response_code), 0.001)",
        "histogram_quantile(0.99,"
            + " sum(irate(istio_request_bytes_bucket{reporter=\"source\",source_workload_namespace=~\"shop\"}[1m]))"
            + " by (destination_service, le))",
        // the mesh and the proxies
        "sum(istio_requests_total) by (destination_workload, destination_service_name)",
        "sum(irate(envoy_cluster_upstream_rq_xx{envoy_response_code_class=\"5\"}[1m])) by"
            + " (envoy_cluster_name)",
        "envoy_control_plane_connected_state == 1",
        "inmesh_certificate_expiration_timestamp_seconds - time() > 0"
      })
  void aDashboardsQueryHasAResult(String query) throws Exception {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              shop.call("reviews", "/");
              JsonArray result = query(query);
              assertThat(result).as(query).isNotEmpty();
              assertThat(result.toString()).as(query).doesNotContain("\"NaN\"");
            });
  }
}
