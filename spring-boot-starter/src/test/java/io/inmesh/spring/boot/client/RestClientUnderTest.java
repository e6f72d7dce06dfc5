package io.inmesh.spring.boot.client;

import io.inmesh.conformance.Answered;
import io.inmesh.conformance.Asked;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.http.Headers;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** A RestClient in the contract's words. */
record RestClientUnderTest(RestClient client, ConfigurableApplicationContext context)
    implements ClientUnderTest {
  @Override
  public Answered call(Asked asked) throws IOException {
    RestClient.RequestBodySpec request =
        client.method(HttpMethod.valueOf(asked.method())).uri(URI.create(asked.url()));
    for (int i = 0; i < asked.headers().size(); i += 2) {
      request.header(asked.headers().get(i), asked.headers().get(i + 1));
    }
    byte[] body = asked.body();
    if (body != null) {
      request.body(body);
    }
    try {
      return request.exchange(
          (sent, response) -> {
            Headers headers = new Headers(8);
            response
                .getHeaders()
                .forEach((name, values) -> values.forEach(value -> headers.add(name, value)));
            return new Answered(
                response.getStatusCode().value(),
                headers,
                response.getBody().readAllBytes(),
                new Headers(0));
          });
    } catch (ResourceAccessException e) {
      throw (IOException) e.getCause();
    }
  }

  @Override
  public Running start(Asked request) {
    CompletableFuture<Answered> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                answer.complete(call(request));
              } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    thread.start();
    return new Running() {
      /** A blocking call is given up by its thread. */
      @Override
      public void cancel() {
        thread.interrupt();
      }

      @Override
      public CompletableFuture<Answered> answer() {
        return answer;
      }
    };
  }

  @Override
  public boolean trailers() {
    return false;
  }

  @Override
  public void close() {
    context.close();
  }
}
