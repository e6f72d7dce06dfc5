package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.config.TestTables;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.GzipSink;
import okio.Okio;
import org.junit.jupiter.api.Test;

/** What OkHttp does above the network for its users stays, though its own code is not reached. */
class FollowUpsTest extends OkHttpFixture {
  private static MockResponse redirect(int code, String to) {
    return new MockResponse.Builder().code(code).addHeader("Location", to).body("moved").build();
  }

  @Test
  void aRedirectToAnotherHostIsRoutedAnew() throws Exception {
    MockWebServer reviews = server(redirect(302, "http://ratings/stars"));
    MockWebServer ratings = server(text("5"));
    mesh.use(TestTables.cluster(REVIEWS).at(reviews.getPort()).build());
    mesh.use(TestTables.cluster("ratings").at(ratings.getPort()).build());
    mesh.use(
        new TestTables()
            .routes("reviews:80", toReviews().route())
            .routes("ratings:80", TestTables.to("ratings").route()));
    Request request =
        get("http://reviews/1").header("Authorization", "secret").header("X-Kept", "1").build();
    try (Response response = call(request)) {
      assertThat(response.body().string()).isEqualTo("5");
      assertThat(response.request().url()).hasToString("http://ratings/stars");
      assertThat(response.priorResponse().code()).isEqualTo(302);
      assertThat(response.priorResponse().request().url()).hasToString("http://reviews/1");
    }
    RecordedRequest at = taken(ratings);
    assertThat(at.getHeaders().get("host")).isEqualTo("ratings");
    assertThat(at.getHeaders().get("x-kept")).isEqualTo("1");
    assertThat(at.getHeaders().get("authorization")).isNull();
    assertThat(mesh.outcomes()).hasSize(2);
  }

  @Test
  void aRedirectOutOfTheMeshIsFollowedByOkHttp() throws Exception {
    MockWebServer outside = server(text("outside"));
    MockWebServer reviews = server(redirect(307, outside.url("/x").toString()));
    reviews(toReviews(), reviews);
    try (Response response = get()) {
      assertThat(response.body().string()).isEqualTo("outside");
      assertThat(response.priorResponse().code()).isEqualTo(307);
    }
    assertThat(taken(outside).getHeaders().get("x-request-id")).isNull();
  }

  @Test
  void methodsChangeAsOkHttpChangesThem() throws Exception {
    MockWebServer server =
        server(
            redirect(303, "/get"),
            text("1"),
            redirect(302, "/get"),
            text("2"),
            redirect(307, "/again"),
            text("3"),
            redirect(308, "/again"),
            text("4"));
    reviews(toReviews(), server);
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      text(call(get("http://reviews/").post(RequestBody.create("b".getBytes())).build()));
      taken(server);
      RecordedRequest second = taken(server);
      seen.add(second.getMethod() + " " + second.getTarget() + " " + second.getBodySize());
    }
    assertThat(seen).containsExactly("GET /get 0", "GET /get 0", "POST /again 1", "POST /again 1");
  }

  @Test
  void followsTwentyAndNoMore() throws Exception {
    MockWebServer server = server();
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return redirect(302, "/again");
          }
        });
    reviews(toReviews(), server);
    assertThatThrownBy(this::get)
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Too many follow-up requests: 21");
    assertThat(server.getRequestCount()).isEqualTo(21);
  }

  @Test
  void doesNotFollowWhenToldNotTo() throws Exception {
    MockWebServer server = server(redirect(302, "/a"), redirect(302, "https://reviews/a"));
    reviews(toReviews(), server);
    client = client.newBuilder().followRedirects(false).build();
    assertThat(text(get())).isEqualTo("moved");
    client = client.newBuilder().followRedirects(true).followSslRedirects(false).build();
    assertThat(text(get())).isEqualTo("moved");
  }

  @Test
  void asksTheAuthenticator() throws Exception {
    MockWebServer server = server(status(401), text("welcome"));
    reviews(toReviews(), server);
    client =
        wrap(
            new OkHttpClient.Builder()
                .authenticator(
                    (route, response) ->
                        response
                            .request()
                            .newBuilder()
                            .header("Authorization", Credentials.basic("ann", "pw"))
                            .build())
                .build());
    try (Response response = get()) {
      assertThat(response.body().string()).isEqualTo("welcome");
      assertThat(response.priorResponse().code()).isEqualTo(401);
    }
    taken(server);
    assertThat(taken(server).getHeaders().get("authorization")).startsWith("Basic ");
  }

  @Test
  void keepsCookies() throws Exception {
    MockWebServer server =
        server(
            text("1").newBuilder().addHeader("Set-Cookie", "a=1; Path=/").build(),
            text("2").newBuilder().addHeader("Set-Cookie", "b=2; Path=/").build(),
            text("3"));
    reviews(toReviews(), server);
    List<Cookie> jar = new CopyOnWriteArrayList<>();
    client =
        wrap(
            new OkHttpClient.Builder()
                .cookieJar(
                    new CookieJar() {
                      @Override
                      public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                        assertThat(url.host()).isEqualTo("reviews");
                        jar.addAll(cookies);
                      }

                      @Override
                      public List<Cookie> loadForRequest(HttpUrl url) {
                        return jar;
                      }
                    })
                .build());
    for (int i = 0; i < 3; i++) {
      text(get());
    }
    assertThat(taken(server).getHeaders().get("cookie")).isNull();
    assertThat(taken(server).getHeaders().get("cookie")).isEqualTo("a=1");
    assertThat(taken(server).getHeaders().get("cookie")).isEqualTo("a=1; b=2");
  }

  @Test
  void unzipsWhatTheCallerDidNotAskToBeZipped() throws Exception {
    Buffer zipped = new Buffer();
    try (var sink = Okio.buffer(new GzipSink(zipped))) {
      sink.writeUtf8("plain text");
    }
    MockResponse answer =
        new MockResponse.Builder().addHeader("Content-Encoding", "gzip").body(zipped).build();
    MockWebServer server = server(answer, answer);
    reviews(toReviews(), server);
    try (Response response = get()) {
      assertThat(response.header("Content-Encoding")).isNull();
      assertThat(response.body().contentLength()).isEqualTo(-1);
      assertThat(response.body().string()).isEqualTo("plain text");
    }
    assertThat(taken(server).getHeaders().get("accept-encoding")).isEqualTo("gzip");
    Request own = get("http://reviews/").header("Accept-Encoding", "gzip").build();
    try (Response response = call(own)) {
      assertThat(response.header("Content-Encoding")).isEqualTo("gzip");
      assertThat(response.body().bytes()[0]).isEqualTo((byte) 0x1f);
    }
  }
}
