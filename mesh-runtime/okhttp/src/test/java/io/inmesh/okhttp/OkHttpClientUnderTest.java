package io.inmesh.okhttp;

import io.inmesh.conformance.Answered;
import io.inmesh.conformance.Asked;
import io.inmesh.conformance.ClientUnderTest;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** An OkHttpClient in the contract's words. */
record OkHttpClientUnderTest(OkHttpClient client) implements ClientUnderTest {
  @Override
  public Answered call(Asked asked) throws IOException {
    return whole(client.newCall(request(asked)).execute());
  }

  @Override
  public Running start(Asked asked) {
    Call call = client.newCall(request(asked));
    CompletableFuture<Answered> answer = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onResponse(Call from, Response response) {
            try {
              answer.complete(whole(response));
            } catch (IOException | RuntimeException e) {
              answer.completeExceptionally(e);
            }
          }

          @Override
          public void onFailure(Call from, IOException e) {
            answer.completeExceptionally(e);
          }
        });
    return new Running() {
      @Override
      public void cancel() {
        call.cancel();
      }

      @Override
      public CompletableFuture<Answered> answer() {
        return answer;
      }
    };
  }

  private static Request request(Asked asked) {
    Request.Builder request = new Request.Builder().url(asked.url());
    for (int i = 0; i < asked.headers().size(); i += 2) {
      request.addHeader(asked.headers().get(i), asked.headers().get(i + 1));
    }
    byte[] body = asked.body();
    return request.method(asked.method(), body == null ? null : RequestBody.create(body)).build();
  }

  private static Answered whole(Response response) throws IOException {
    try (response) {
      byte[] body = response.body().bytes();
      return new Answered(
          response.code(),
          Heads.headers(response.headers(), 0),
          body,
          Heads.headers(response.trailers(), 0));
    }
  }
}
