package io.inmesh.spring.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.spring.boot.LiveMesh;
import io.inmesh.spring.boot.apps.Reviews;
import io.inmesh.spring.boot.apps.Storefront;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;

/**
 * What kubelets, Prometheus and people ask of Actuator, in plaintext, of applications under STRICT.
 */
@Timeout(120)
class ActuatorTest {
  private static final HttpClient PLAIN = HttpClient.newHttpClient();
  private static LiveMesh mesh;
  private static ConfigurableApplicationContext onePort;
  private static ConfigurableApplicationContext twoPorts;
  private static ConfigurableApplicationContext storefront;

  @BeforeAll
  static void start() {
    mesh = new LiveMesh();
    onePort =
        mesh.start(
            Reviews.class,
            "reviews",
            "inmesh.labels=app=reviews,version=v1",
            "inmesh.plaintext.paths=/actuator/metrics",
            "management.endpoint.health.probes.add-additional-paths=true",
            "management.endpoints.web.exposure.include=*",
            "management.endpoint.health.show-details=always");
    twoPorts =
        mesh.start(
            Reviews.class,
            "reviews",
            "inmesh.labels=app=reviews,version=v2",
            "management.server.port=0",
            "management.info.env.enabled=true",
            "management.endpoints.web.exposure.include=*",
            "management.endpoint.health.show-details=always");
    storefront =
        mesh.start(
            Storefront.class,
            "storefront",
            "server.port=-1",
            "spring.http.serviceclient.reviews.base-url=" + Storefront.REVIEWS);
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  private static HttpResponse<String> get(int port, String path)
      throws IOException, InterruptedException {
    return PLAIN.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int managementPort() {
    return Integer.parseInt(twoPorts.getEnvironment().getProperty("local.management.port", "-1"));
  }

  @Test
  void probesAreAnsweredInPlaintextUnderStrict() throws Exception {
    int port = LiveMesh.port(onePort);
    for (String path :
        new String[] {
          "/actuator/health/liveness", "/actuator/health/readiness", "/livez", "/readyz"
        }) {
      HttpResponse<String> answer = get(port, path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body()).as(path).contains("\"status\":\"UP\"");
    }
    assertThat(get(port, "/actuator/metrics").statusCode()).isEqualTo(200);
  }

  @Test
  void nothingElseIs() {
    int port = LiveMesh.port(onePort);
    for (String path :
        new String[] {
          "/actuator/health", "/actuator/inmesh", "/actuator/health/liveness/", "/reviews/1"
        }) {
      assertThatThrownBy(() -> get(port, path)).as(path).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aManagementPortOfItsOwnStaysInPlaintextAndTheApplicationsDoesNot() throws Exception {
    assertThat(get(managementPort(), "/actuator/health").body()).contains("\"inmesh\"");
    assertThatThrownBy(() -> get(LiveMesh.port(twoPorts), "/actuator/health/liveness"))
        .isInstanceOf(IOException.class);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(
                        storefront
                            .getBean(RestClient.class)
                            .get()
                            .uri("/reviews/1")
                            .retrieve()
                            .body(String.class))
                    .contains("spiffe://cluster.local/ns/shop/sa/storefront"));
  }

  @Test
  void healthTellsOfConnectionCertificateAndConfiguration() throws Exception {
    String health = get(managementPort(), "/actuator/health").body();
    assertThat(health)
        .contains("\"connected\":true")
        .contains("\"identity\":\"spiffe://cluster.local/ns/shop/sa/reviews\"")
        .containsPattern("\"certificate\":\\{[^}]*\"age\":\"PT")
        .containsPattern("\"configuration\":\\{[^}]*\"changed\":\"20");
  }

  @Test
  void infoNamesTheWorkload() throws Exception {
    assertThat(get(managementPort(), "/actuator/info").body())
        .contains("\"inmesh\":{")
        .contains("spiffe://cluster.local/ns/shop/sa/reviews");
  }

  @Test
  void theEndpointShowsClientsClustersAndCertificatesAndNoKey() throws Exception {
    String all = get(managementPort(), "/actuator/inmesh").body();
    assertThat(all)
        .contains("outbound|8080||reviews.shop.svc.cluster.local")
        .contains("\"health\":\"healthy\"")
        .contains("\"role\":\"own\"")
        .contains("\"role\":\"root\"")
        .contains("clientHttpRequestFactoryBuilder")
        .doesNotContain("PRIVATE");
    assertThat(get(managementPort(), "/actuator/inmesh/certificates").body()).startsWith("[{");
    assertThat(get(managementPort(), "/actuator/inmesh/nothing").statusCode()).isEqualTo(404);
  }
}
