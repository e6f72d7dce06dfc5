package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Cache;
import okhttp3.CacheControl;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application's cache works above the mesh, by OkHttp's own code. */
class CacheTest extends OkHttpFixture {
  @TempDir File directory;
  private Cache cache;

  @BeforeEach
  void clientWithCache() {
    cache = new Cache(directory, 1 << 20);
    client = wrap(new OkHttpClient.Builder().cache(cache).build());
  }

  @AfterEach
  void closeCache() throws IOException {
    cache.close();
  }

  private static MockResponse fresh(String body) {
    return text(body).newBuilder().addHeader("Cache-Control", "max-age=60").build();
  }

  @Test
  void aHitNeverReachesTheMesh() throws Exception {
    MockWebServer server = server(fresh("kept"));
    reviews(toReviews(), server);
    try (Response miss = get()) {
      assertThat(miss.networkResponse()).isNotNull();
      assertThat(miss.cacheResponse()).isNull();
      assertThat(miss.body().string()).isEqualTo("kept");
    }
    try (Response hit = get()) {
      assertThat(hit.cacheResponse()).isNotNull();
      assertThat(hit.networkResponse()).isNull();
      assertThat(hit.request().url()).hasToString("http://reviews/1");
      assertThat(hit.body().string()).isEqualTo("kept");
    }
    assertThat(mesh.outcomes()).hasSize(1);
    assertThat(cache.hitCount()).isEqualTo(1);
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aStaleAnswerIsRevalidatedThroughTheMesh() throws Exception {
    MockResponse stale =
        text("kept")
            .newBuilder()
            .addHeader("Cache-Control", "max-age=0")
            .addHeader("ETag", "\"v1\"")
            .build();
    MockWebServer server = server(stale, new MockResponse.Builder().code(304).build());
    reviews(toReviews(), server);
    text(get());
    try (Response hit = get()) {
      assertThat(hit.code()).isEqualTo(200);
      assertThat(hit.networkResponse().code()).isEqualTo(304);
      assertThat(hit.body().string()).isEqualTo("kept");
    }
    taken(server);
    assertThat(taken(server).getHeaders().get("if-none-match")).isEqualTo("\"v1\"");
    assertThat(mesh.outcomes()).hasSize(2);
  }

  @Test
  void aPostGoesThroughOnceAndInvalidates() throws Exception {
    MockWebServer server = server(fresh("old"), text("posted"), fresh("new"));
    reviews(toReviews(), server);
    text(get());
    RequestBody body = RequestBody.create("change".getBytes());
    assertThat(text(call(get("http://reviews/1").post(body).build()))).isEqualTo("posted");
    assertThat(text(get())).isEqualTo("new");
    taken(server);
    assertThat(taken(server).getBody().utf8()).isEqualTo("change");
    assertThat(server.getRequestCount()).isEqualTo(3);
  }

  @Test
  void onlyIfCachedIsAnsweredWithoutTheMesh() throws Exception {
    reviews(toReviews(), server());
    try (Response none =
        call(get("http://reviews/1").cacheControl(CacheControl.FORCE_CACHE).build())) {
      assertThat(none.code()).isEqualTo(504);
    }
    assertThat(mesh.outcomes()).isEmpty();
  }

  @Test
  void statusesThatOkHttpWouldFollowUpAreGivenAsTheyAre() throws Exception {
    MockResponse busy = status(503).newBuilder().addHeader("Retry-After", "0").build();
    MockWebServer server = server(busy, fresh("later"));
    reviews(toReviews(), server);
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.body().string()).isEqualTo("status 503");
    }
    assertThat(server.getRequestCount()).isEqualTo(1);
    assertThat(text(get())).isEqualTo("later");
  }

  @Test
  void aRedirectIsFollowedAndEachHopLookedUp() throws Exception {
    MockResponse moved =
        new MockResponse.Builder()
            .code(301)
            .addHeader("Location", "/2")
            .addHeader("Cache-Control", "max-age=60")
            .build();
    MockWebServer server = server(moved, fresh("there"));
    reviews(toReviews(), server);
    assertThat(text(get())).isEqualTo("there");
    assertThat(text(get())).isEqualTo("there");
    assertThat(server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void bigAnswersAreStreamedIntoTheCache() throws Exception {
    MockWebServer server = server(fresh("x".repeat(300_000)));
    reviews(toReviews(), server);
    assertThat(text(get())).hasSize(300_000);
    assertThat(text(get())).hasSize(300_000);
    assertThat(server.getRequestCount()).isEqualTo(1);
  }
}
