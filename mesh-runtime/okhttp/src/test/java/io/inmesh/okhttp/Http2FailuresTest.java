package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.config.RetryOn;
import io.inmesh.config.TestTables;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.internal.http2.ErrorCode;
import org.junit.jupiter.api.Test;

/** How HTTP/2's ways to fail are called, and what is retried. */
class Http2FailuresTest extends OkHttpFixture {
  private MockWebServer h2(TestTables.ForwardBuilder route, MockResponse... answers)
      throws IOException {
    MockWebServer server = new MockWebServer();
    server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
    for (MockResponse answer : answers) {
      server.enqueue(answer);
    }
    server.start();
    servers.add(server);
    mesh.use(TestTables.cluster(REVIEWS).at(server.getPort()).http2().build());
    mesh.use(new TestTables().routes("reviews:80", route.route()));
    return server;
  }

  private static MockResponse reset(ErrorCode code) {
    return new MockResponse.Builder()
        .onRequestStart(new SocketEffect.CloseStream(code.getHttpCode()))
        .build();
  }

  @Test
  void aRefusedStreamIsRetriedByItsOwnCondition() throws Exception {
    h2(
        toReviews().retry(TestTables.retry(1, 0, RetryOn.REFUSED_STREAM)),
        reset(ErrorCode.REFUSED_STREAM),
        text("second"));
    assertThat(text(get())).isEqualTo("second");
    assertThat(mesh.lastOutcome().attempts()).isEqualTo(2);
  }

  @Test
  void aRefusedStreamWithoutPolicyIsSaidSo() throws Exception {
    MockWebServer server =
        h2(toReviews(), reset(ErrorCode.REFUSED_STREAM), text("never asked for"));
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.body().string()).endsWith("reset reason: remote refused stream reset");
    }
    assertThat(mesh.lastOutcome().flags()).hasToString("UR");
    assertThat(mesh.lastOutcome().attempts()).isEqualTo(1);
    taken(server); // the server resets a stream before it counts its request
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void anotherResetIsARemoteReset() throws Exception {
    h2(toReviews(), reset(ErrorCode.ENHANCE_YOUR_CALM));
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.body().string()).endsWith("reset reason: remote reset");
    }
    assertThat(mesh.lastOutcome().flags()).hasToString("UR");
  }

  @Test
  void aResetInMidBodyIsAnErrorAtTheReader() throws Exception {
    h2(
        toReviews(),
        text("x".repeat(100_000))
            .newBuilder()
            .onResponseBody(new SocketEffect.CloseStream(ErrorCode.INTERNAL_ERROR.getHttpCode()))
            .build());
    assertThatThrownBy(() -> text(get()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broke off");
    assertThat(mesh.lastOutcome().flags()).hasToString("UR");
  }

  @Test
  void callsShareOneConnectionAndACancelLeavesIt() throws Exception {
    MockWebServer server =
        h2(
            toReviews().timeoutMillis(200),
            text("late").newBuilder().headersDelay(5, TimeUnit.SECONDS).build(),
            text("next"));
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(504);
    }
    assertThat(text(get())).isEqualTo("next");
    int first = taken(server).getConnectionIndex();
    assertThat(taken(server).getConnectionIndex()).isEqualTo(first);
  }

  @Test
  void trailersOfHttp2ReachTheCaller() throws Exception {
    h2(
        toReviews(),
        new MockResponse.Builder()
            .body("body")
            .trailers(okhttp3.Headers.of("x-sum", "42"))
            .build());
    try (Response response = get()) {
      assertThat(response.body().string()).isEqualTo("body");
      assertThat(response.trailers().get("x-sum")).isEqualTo("42");
    }
  }
}
