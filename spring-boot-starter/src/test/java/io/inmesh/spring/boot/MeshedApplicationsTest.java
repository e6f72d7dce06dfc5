package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.Mesh;
import io.inmesh.spring.boot.apps.Reviews;
import io.inmesh.spring.boot.apps.Reviews.Review;
import io.inmesh.spring.boot.apps.Storefront;
import io.inmesh.spring.boot.client.MeshClients;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

/**
 * Applications that know nothing of a mesh, with the starter on their class path: a storefront
 * calls two versions of reviews, under STRICT mTLS, a traffic split and a policy of the control
 * plane's.
 */
@Timeout(120)
class MeshedApplicationsTest {
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static LiveMesh mesh;
  private static ConfigurableApplicationContext v1;
  private static ConfigurableApplicationContext v2;
  private static ConfigurableApplicationContext storefront;

  @BeforeAll
  static void start() {
    mesh = new LiveMesh();
    v1 = mesh.start(Reviews.class, "reviews", "inmesh.labels=app=reviews,version=v1");
    v2 =
        mesh.start(
            Reviews.class,
            "reviews",
            "reviews.version=v2",
            "inmesh.labels.app=reviews",
            "inmesh.labels.version=v2",
            "spring.threads.virtual.enabled=true");
    storefront =
        mesh.start(
            Storefront.class,
            "storefront",
            "spring.http.serviceclient.reviews.base-url=" + Storefront.REVIEWS,
            "server.port=-1");
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  @BeforeEach
  void splitIsEven() {
    mesh.split(50, 50);
    RestClient client = storefront.getBean(RestClient.class);
    await().until(() -> versions(10, () -> review(client)).size() == 2);
  }

  private static Review review(RestClient client) {
    return client.get().uri("/reviews/1").retrieve().body(Review.class);
  }

  private static Set<String> versions(int calls, Supplier<Review> call) {
    Set<String> versions = new HashSet<>();
    for (int i = 0; i < calls; i++) {
      Review review = call.get();
      assertThat(review.peer()).isEqualTo(STOREFRONT);
      assertThat(review.scheme()).isEqualTo("http");
      versions.add(review.version());
    }
    return versions;
  }

  // ---- clients

  @Test
  void restClientIsInTheMesh() {
    RestClient client = storefront.getBean(RestClient.class);
    assertThat(versions(30, () -> review(client))).containsExactlyInAnyOrder("v1", "v2");
    Review posted = new Review("v7", "x", "y", false);
    assertThat(client.post().uri("/reviews").body(posted).retrieve().body(Review.class))
        .isEqualTo(posted);
  }

  @Test
  void restTemplateIsInTheMesh() {
    RestTemplate template = storefront.getBean(RestTemplate.class);
    assertThat(
            versions(
                30, () -> template.getForObject(Storefront.REVIEWS + "/reviews/1", Review.class)))
        .containsExactlyInAnyOrder("v1", "v2");
  }

  @Test
  void httpServiceInterfacesAreInTheMesh() {
    Storefront.ReviewsService service = storefront.getBean(Storefront.ReviewsService.class);
    assertThat(versions(30, () -> service.review(1))).containsExactlyInAnyOrder("v1", "v2");
  }

  @Test
  void okHttpBeansAreInTheMesh() throws IOException {
    OkHttpClient client = storefront.getBean(OkHttpClient.class);
    try (Response answer =
        client
            .newCall(new Request.Builder().url(Storefront.REVIEWS + "/reviews/1").build())
            .execute()) {
      assertThat(answer.body().string()).contains(STOREFRONT);
    }
  }

  @Test
  void webClientIsInTheMesh() {
    WebClient client = storefront.getBean(WebClient.class);
    assertThat(
            versions(
                30,
                () ->
                    client
                        .get()
                        .uri("/reviews/1")
                        .retrieve()
                        .bodyToMono(Review.class)
                        .block(Duration.ofSeconds(30))))
        .containsExactlyInAnyOrder("v1", "v2");
  }

  @Test
  void webClientStreamsServerSentEvents() {
    WebClient client = storefront.getBean(WebClient.class);
    assertThat(
            client
                .get()
                .uri("/events")
                .accept(MediaType.TEXT_EVENT_STREAM)
                .retrieve()
                .bodyToFlux(Integer.class)
                .take(5)
                .collectList()
                .block(Duration.ofSeconds(30)))
        .as("of a stream without an end")
        .containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void webClientFollowsRedirectsAsBootHasIt() {
    assertThat(
            storefront
                .getBean(WebClient.class)
                .get()
                .uri("/old")
                .retrieve()
                .bodyToMono(Review.class)
                .block(Duration.ofSeconds(30))
                .peer())
        .isEqualTo(STOREFRONT);
  }

  @Test
  void javaHttpClientBeansAreInTheMesh() throws IOException, InterruptedException {
    HttpClient client = storefront.getBean(HttpClient.class);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(Storefront.REVIEWS + "/reviews/1")).build();
    assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
        .contains(STOREFRONT);
  }

  @Test
  void whichClientsAreCapturedIsKnown() {
    assertThat(storefront.getBean(MeshClients.class).all())
        .extracting(MeshClients.Client::bean, MeshClients.Client::captured)
        .contains(
            org.assertj.core.groups.Tuple.tuple("okHttp", true),
            org.assertj.core.groups.Tuple.tuple("javaHttp", true),
            org.assertj.core.groups.Tuple.tuple("clientHttpConnectorBuilder", true),
            org.assertj.core.groups.Tuple.tuple("clientHttpRequestFactoryBuilder", true));
  }

  @Test
  void whatGoesAroundTheMeshIsRefusedUnderStrict() {
    String direct = "http://127.0.0.1:" + LiveMesh.port(v1) + "/reviews/1";
    assertThatThrownBy(() -> RestClient.create().get().uri(direct).retrieve().body(String.class))
        .isInstanceOf(ResourceAccessException.class);
    assertThatThrownBy(
            () ->
                WebClient.create()
                    .get()
                    .uri(direct)
                    .retrieve()
                    .bodyToMono(String.class)
                    .block(Duration.ofSeconds(30)))
        .isInstanceOf(WebClientRequestException.class);
    assertThatThrownBy(() -> new RestTemplate().getForObject(direct, String.class))
        .isInstanceOf(ResourceAccessException.class);
    assertThatThrownBy(
            () ->
                new OkHttpClient()
                    .newCall(new Request.Builder().url(direct).build())
                    .execute()
                    .close())
        .isInstanceOf(IOException.class);
  }

  // ---- what the control plane says

  @Test
  void theSplitFollowsTheControlPlane() {
    RestClient client = storefront.getBean(RestClient.class);
    mesh.split(0, 100);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(versions(20, () -> review(client))).containsExactly("v2"));
  }

  @Test
  void policyRefusesBeforeTheApplicationHearsOfIt() {
    RestClient client = storefront.getBean(RestClient.class);
    assertThatThrownBy(() -> client.get().uri("/admin").retrieve().body(String.class))
        .isInstanceOfSatisfying(
            HttpClientErrorException.class,
            refused -> {
              assertThat(refused.getStatusCode()).isEqualTo(HttpStatus.FORBIDDEN);
              assertThat(refused.getResponseBodyAsString()).isEqualTo("RBAC: access denied");
            });
  }

  // ---- the application

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void virtualThreadsServeWhereTheApplicationWantsThem() {
    RestClient client = storefront.getBean(RestClient.class);
    for (int i = 0; i < 20; i++) {
      Review review = review(client);
      assertThat(review.virtualThread()).isEqualTo(review.version().equals("v2"));
    }
  }

  @Test
  void theWorkloadIsNamedAfterTheApplication() {
    assertThat(storefront.getBean(Mesh.class).status().identity()).isEqualTo(STOREFRONT);
  }

  @Test
  void conditionsReportThemselves() {
    ConditionEvaluationReport report = ConditionEvaluationReport.get(v1.getBeanFactory());
    assertThat(
            report
                .getConditionAndOutcomesBySource()
                .get("io.inmesh.spring.boot.server.MeshTomcatAutoConfiguration"))
        .anySatisfy(
            outcome ->
                assertThat(outcome.getOutcome().getMessage())
                    .contains("@ConditionalOnMesh")
                    .contains("inmesh.enabled"));
  }
}
