package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockWebServer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** What a served request hands on to the calls that are made for it. */
class ContextTest extends OkHttpFixture {
  private static final Headers TRACE =
      Headers.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

  private static CallContext served(long deadlineNanos) {
    return new CallContext(deadlineNanos, "request-1", Connection.LOCAL, TRACE);
  }

  @Test
  void anEnqueuedCallBelongsToTheRequestItWasMadeFor() throws Exception {
    MockWebServer server = server(text("a"), text("b"));
    reviews(toReviews(), server);
    CompletableFuture<String> answer = new CompletableFuture<>();
    try (CurrentCall.Scope scope = CurrentCall.enter(served(Long.MAX_VALUE))) {
      client
          .newCall(get("http://reviews/").build())
          .enqueue(
              new Callback() {
                @Override
                public void onResponse(Call call, Response response) throws IOException {
                  answer.complete(text(response));
                }

                @Override
                public void onFailure(Call call, IOException e) {
                  answer.completeExceptionally(e);
                }
              });
      text(get());
    }
    assertThat(answer.get(5, TimeUnit.SECONDS)).isNotNull();
    for (int i = 0; i < 2; i++) {
      var headers = taken(server).getHeaders();
      assertThat(headers.get("x-request-id")).isEqualTo("request-1");
      assertThat(headers.get("traceparent")).isEqualTo(TRACE.first("traceparent"));
    }
  }

  @Test
  void theServedRequestsDeadlineEndsItsCalls() throws Exception {
    MockWebServer server =
        server(text("late").newBuilder().headersDelay(10, TimeUnit.SECONDS).build());
    reviews(toReviews(), server);
    long soon = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(150);
    try (CurrentCall.Scope scope = CurrentCall.enter(served(soon));
        Response response = get()) {
      assertThat(response.code()).isEqualTo(504);
    }
  }
}
