package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.config.RetryOn;
import io.inmesh.config.TestTables;
import io.inmesh.runtime.MeshAdapter;
import java.io.IOException;
import java.util.ServiceLoader;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** What a user of OkHttp sees of an ordinary call through the mesh. */
class PlainCallsTest extends OkHttpFixture {
  @Test
  void isFoundAsAnAdapter() {
    assertThat(ServiceLoader.load(MeshAdapter.class))
        .anySatisfy(adapter -> assertThat(adapter).isInstanceOf(OkHttpAdapter.class));
    assertThat(new OkHttpAdapter().problem()).isNull();
  }

  @Test
  void saysThatOkHttp4IsTooOld() {
    assertThat(OkHttpVersion.problem("4.12.0")).contains("OkHttp 4.12.0 is too old", "5.4");
    assertThat(OkHttpVersion.problem("5.3.2")).contains("too old");
    assertThat(OkHttpVersion.problem("5.4.0-alpha.1")).isNull();
    assertThat(OkHttpVersion.problem("6.0.0")).isNull();
  }

  @Test
  void reachesTheEndpointUnderTheNameThatWasCalled() throws Exception {
    MockWebServer server = server(text("five stars"));
    reviews(toReviews(), server);
    Request request = get("http://reviews/1?full=%20yes").header("X-Shop", "a").build();
    try (Response response = call(request)) {
      assertThat(response.request()).isSameAs(request);
      assertThat(response.code()).isEqualTo(200);
      assertThat(response.header("X-Envoy-Upstream-Service-Time")).isNotNull();
      assertThat(response.body().string()).isEqualTo("five stars");
    }
    RecordedRequest taken = taken(server);
    assertThat(taken.getTarget()).isEqualTo("/1?full=%20yes");
    assertThat(taken.getHeaders().values("host")).containsExactly("reviews");
    assertThat(taken.getHeaders().get("x-shop")).isEqualTo("a");
    assertThat(taken.getHeaders().get("x-forwarded-proto")).isEqualTo("http");
    assertThat(taken.getHeaders().get("x-request-id")).isNotBlank();
    assertThat(taken.getHeaders().get("user-agent")).startsWith("okhttp/5");
    assertThat(mesh.lastOutcome().details()).isEqualTo("via_upstream");
  }

  @Test
  void leavesAloneWhatTheMeshLeavesAlone() throws Exception {
    MockWebServer server = server(text("outside"));
    mesh.use(new TestTables());
    assertThat(text(call(get(server.url("/").toString()).build()))).isEqualTo("outside");
    assertThat(taken(server).getHeaders().get("x-request-id")).isNull();
    assertThat(mesh.outcomes()).isEmpty();
  }

  @Test
  void usesOneConnectionForCallsOneAfterTheOther() throws Exception {
    MockWebServer server = server(text("a"), text("b"), status(204));
    reviews(toReviews(), server);
    for (int i = 0; i < 3; i++) {
      text(get());
      assertThat(taken(server).getExchangeIndex()).isEqualTo(i);
    }
  }

  @Test
  void retriesWithTheWholeBodyAgain() throws Exception {
    MockWebServer server = server(status(503), text("done"));
    reviews(toReviews().retry(TestTables.retry(2, 0, RetryOn.GATEWAY_ERROR)), server);
    RequestBody body = RequestBody.create("written twice", MediaType.get("text/plain"));
    assertThat(text(call(get("http://reviews/").post(body).build()))).isEqualTo("done");
    for (int i = 0; i < 2; i++) {
      RecordedRequest taken = taken(server);
      assertThat(taken.getBody().utf8()).isEqualTo("written twice");
      assertThat(taken.getHeaders().get("content-length")).isEqualTo("13");
      assertThat(taken.getHeaders().values("content-type")).hasSize(1);
      assertThat(taken.getExchangeIndex()).as("the connection is kept").isEqualTo(i);
    }
    assertThat(mesh.lastOutcome().attempts()).isEqualTo(2);
  }

  @Test
  void aRetryHidesAnInstanceThatIsGone() throws Exception {
    MockWebServer gone = server();
    MockWebServer alive = server(text("1"), text("2"), text("3"), text("4"));
    reviews(toReviews().retry(TestTables.retry(2, 0, RetryOn.CONNECT_FAILURE)), gone, alive);
    gone.close();
    for (int i = 1; i <= 4; i++) {
      assertThat(text(get())).isEqualTo(Integer.toString(i));
    }
    assertThat(mesh.outcomes()).anySatisfy(each -> assertThat(each.attempts()).isEqualTo(2));
  }

  @Test
  void saysWhatEnvoySaysWhenNobodyListens() throws Exception {
    MockWebServer gone = server();
    reviews(toReviews(), gone);
    gone.close();
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.message()).isEqualTo("Service Unavailable");
      assertThat(response.body().string())
          .isEqualTo(
              "upstream connect error or disconnect/reset before headers. reset reason: "
                  + "remote connection failure");
    }
    assertThat(mesh.lastOutcome().flags()).hasToString("UF");
    assertThat(mesh.lastOutcome().failure()).contains("Connection refused");
  }

  @Test
  void eachOf503WithRetryAfter0IsSeenOnce() throws Exception {
    MockResponse busy = status(503).newBuilder().addHeader("Retry-After", "0").build();
    MockWebServer server = server(busy, text("never asked for"));
    reviews(toReviews(), server);
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.header("Retry-After")).isEqualTo("0");
      assertThat(response.body().string()).isEqualTo("status 503");
    }
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void a408And407AndA421AreTheCallers() throws Exception {
    for (int code : new int[] {408, 407, 421}) {
      MockWebServer server = server(status(code), text("never asked for"));
      reviews(toReviews(), server);
      try (Response response = get()) {
        assertThat(response.code()).isEqualTo(code);
      }
      assertThat(server.getRequestCount()).isEqualTo(1);
    }
  }

  @Test
  void timesOutAsTheRouteSays() throws Exception {
    MockWebServer server =
        server(
            text("late")
                .newBuilder()
                .headersDelay(10, java.util.concurrent.TimeUnit.SECONDS)
                .build());
    reviews(toReviews().timeoutMillis(100), server);
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(504);
      assertThat(response.body().string()).isEqualTo("upstream request timeout");
    }
  }

  @Test
  void anUnknownClusterIsSaidSo() throws IOException {
    mesh.use(new TestTables().routes("reviews:80", TestTables.to("nowhere").route()));
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(mesh.lastOutcome().flags()).hasToString("NC");
  }

  @Test
  void withoutCertificateNothingGoesInClear() throws Exception {
    MockWebServer server = server(text("secret"));
    mesh.use(
        TestTables.cluster(REVIEWS)
            .at(server.getPort())
            .socket(TestTables.mutualTls("reviews", "spiffe://cluster.local/ns/shop/sa/reviews"))
            .build());
    mesh.use(new TestTables().routes("reviews:80", toReviews().route()));
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(mesh.lastOutcome().failure()).contains("no certificate");
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void anInterruptedBodyEndsTheCall() throws Exception {
    MockWebServer server =
        server(
            text("x".repeat(100_000))
                .newBuilder()
                .onResponseBody(new mockwebserver3.SocketEffect.CloseSocket())
                .build());
    reviews(toReviews(), server);
    assertThatThrownBy(() -> text(get()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broke off after its head had been delivered")
        .hasMessageContaining(REVIEWS);
  }
}
