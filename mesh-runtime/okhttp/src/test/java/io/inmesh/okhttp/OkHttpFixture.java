package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.TestTables;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;

/** A mesh, servers behind it, and a client; after each test nothing may still be held. */
abstract class OkHttpFixture {
  static final String REVIEWS = "outbound|80||reviews";

  final TestMesh mesh = new TestMesh();
  final List<MockWebServer> servers = new ArrayList<>();
  OkHttpClient client = wrap(new OkHttpClient());

  OkHttpClient wrap(OkHttpClient application) {
    return new OkHttpAdapter().wrap(application, mesh);
  }

  MockWebServer server(MockResponse... answers) throws IOException {
    MockWebServer server = new MockWebServer();
    for (MockResponse answer : answers) {
      server.enqueue(answer);
    }
    server.start();
    servers.add(server);
    return server;
  }

  static MockResponse text(String body) {
    return new MockResponse.Builder().body(body).build();
  }

  static MockResponse status(int code) {
    return new MockResponse.Builder().code(code).body("status " + code).build();
  }

  /** Everything to http://reviews/ goes to those servers, by that route. */
  void reviews(TestTables.ForwardBuilder route, MockWebServer... to) {
    TestTables.ClusterBuilder cluster = TestTables.cluster(REVIEWS);
    for (MockWebServer server : to) {
      cluster.at(server.getPort());
    }
    mesh.use(cluster.build());
    mesh.use(new TestTables().routes("reviews:80", route.route()));
  }

  static TestTables.ForwardBuilder toReviews() {
    return TestTables.to(REVIEWS);
  }

  static Request.Builder get(String url) {
    return new Request.Builder().url(url);
  }

  Response call(Request request) throws IOException {
    return client.newCall(request).execute();
  }

  Response get() throws IOException {
    return call(get("http://reviews/1").build());
  }

  static String text(Response response) throws IOException {
    try (response) {
      return response.body().string();
    }
  }

  static RecordedRequest taken(MockWebServer server) throws InterruptedException {
    RecordedRequest request = server.takeRequest(5, java.util.concurrent.TimeUnit.SECONDS);
    assertThat(request).as("a request at " + server.getPort()).isNotNull();
    return request;
  }

  @AfterEach
  void nothingIsHeld() {
    try {
      await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
    } finally {
      mesh.close();
      servers.forEach(MockWebServer::close);
    }
  }
}
