package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.spring.boot.apps.ReactiveReviews;
import io.inmesh.spring.boot.apps.Reviews.Review;
import io.inmesh.spring.boot.apps.Storefront;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** WebFlux on Reactor Netty, under STRICT, a split and a policy; called by WebClient. */
@Timeout(120)
class ReactiveApplicationsTest {
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static LiveMesh mesh;
  private static ConfigurableApplicationContext v1;
  private static WebClient client;

  @BeforeAll
  static void start() {
    mesh = new LiveMesh();
    String reactive = "spring.main.web-application-type=reactive";
    v1 =
        mesh.start(
            ReactiveReviews.class,
            "reviews",
            reactive,
            "management.endpoints.web.exposure.include=*",
            "inmesh.labels=app=reviews,version=v1");
    mesh.start(
        ReactiveReviews.class,
        "reviews",
        reactive,
        "reviews.version=v2",
        "spring.threads.virtual.enabled=true",
        "inmesh.labels=app=reviews,version=v2");
    ConfigurableApplicationContext storefront =
        mesh.start(
            Storefront.class,
            "storefront",
            "spring.http.serviceclient.reviews.base-url=" + Storefront.REVIEWS,
            "spring.main.web-application-type=none");
    client = storefront.getBean(WebClient.class);
    RestClient blocking =
        storefront.getBean(RestClient.Builder.class).baseUrl(Storefront.REVIEWS).build();
    await().atMost(LIMIT).until(() -> versions().size() == 2);
    assertThat(blocking.get().uri("/reviews/1").retrieve().body(Review.class).peer())
        .isEqualTo(STOREFRONT);
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  private static Set<String> versions() {
    Set<String> versions = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      Review review =
          client.get().uri("/reviews/1").retrieve().bodyToMono(Review.class).block(LIMIT);
      assertThat(review.peer()).isEqualTo(STOREFRONT);
      assertThat(review.scheme()).isEqualTo("http");
      versions.add(review.version());
    }
    return versions;
  }

  @Test
  void theServerIsReactorNetty() {
    assertThat(
            ((org.springframework.boot.web.server.context.WebServerApplicationContext) v1)
                .getWebServer()
                .getClass()
                .getSimpleName())
        .isEqualTo("NettyWebServer");
  }

  @Test
  void theSplitHolds() {
    assertThat(versions()).containsExactlyInAnyOrder("v1", "v2");
  }

  @Test
  void bodiesAndEventsStream() {
    Review review = new Review("v7", "x", "y", false);
    assertThat(
            client
                .post()
                .uri("/reviews")
                .bodyValue(review)
                .retrieve()
                .bodyToMono(Review.class)
                .block(LIMIT))
        .isEqualTo(review);
    assertThat(
            client
                .get()
                .uri("/events")
                .accept(MediaType.TEXT_EVENT_STREAM)
                .retrieve()
                .bodyToFlux(Long.class)
                .take(5)
                .collectList()
                .block(LIMIT))
        .as("of a stream without an end")
        .hasSize(5)
        .isSorted();
  }

  @Test
  void policyRefuses() {
    assertThatThrownBy(
            () -> client.get().uri("/admin").retrieve().bodyToMono(String.class).block(LIMIT))
        .isInstanceOfSatisfying(
            WebClientResponseException.class,
            refused -> {
              assertThat(refused.getStatusCode()).isEqualTo(HttpStatus.FORBIDDEN);
              assertThat(refused.getResponseBodyAsString()).isEqualTo("RBAC: access denied");
            });
  }

  @Test
  void aCallMadeForARequestCarriesItsRequestId() {
    Map<String, String> ids =
        client
            .get()
            .uri("/onward")
            .retrieve()
            .bodyToMono(new ParameterizedTypeReference<Map<String, String>>() {})
            .block(LIMIT);
    assertThat(ids.get("there")).isEqualTo(ids.get("here"));
  }

  @Test
  void plaintextIsRefusedButForProbes() throws Exception {
    assertThat(plain("/actuator/health/liveness").body()).contains("UP");
    assertThatThrownBy(() -> plain("/actuator/health")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> plain("/reviews/1")).isInstanceOf(IOException.class);
  }

  private static HttpResponse<String> plain(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + LiveMesh.port(v1) + path))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
