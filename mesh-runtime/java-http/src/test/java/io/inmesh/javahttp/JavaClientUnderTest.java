package io.inmesh.javahttp;

import io.inmesh.conformance.Answered;
import io.inmesh.conformance.Asked;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.http.Headers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

/** A java.net.http.HttpClient in the contract's words. */
record JavaClientUnderTest(HttpClient client) implements ClientUnderTest {
  @Override
  public Answered call(Asked asked) throws IOException {
    try {
      return answered(client.send(request(asked), BodyHandlers.ofByteArray()));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Running start(Asked asked) {
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(request(asked), BodyHandlers.ofByteArray());
    CompletableFuture<Answered> answer = new CompletableFuture<>();
    sent.whenComplete(
        (response, failure) -> {
          if (failure == null) {
            answer.complete(answered(response));
          } else {
            // cancelled by the application itself; the contract wants an IOException
            answer.completeExceptionally(
                failure instanceof java.util.concurrent.CancellationException
                    ? new IOException(failure.getMessage())
                    : failure);
          }
        });
    return new Running() {
      @Override
      public void cancel() {
        sent.cancel(true);
      }

      @Override
      public CompletableFuture<Answered> answer() {
        return answer;
      }
    };
  }

  static HttpRequest request(Asked asked) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(asked.url()));
    for (int i = 0; i < asked.headers().size(); i += 2) {
      request.header(asked.headers().get(i), asked.headers().get(i + 1));
    }
    byte[] body = asked.body();
    return request
        .method(
            asked.method(),
            body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
        .build();
  }

  private static Answered answered(HttpResponse<byte[]> response) {
    Headers headers = new Headers();
    response.headers().map().forEach((name, values) -> values.forEach(v -> headers.add(name, v)));
    return new Answered(response.statusCode(), headers, response.body(), new Headers());
  }

  @Override
  public boolean trailers() {
    return false; // java.net.http shows none
  }
}
