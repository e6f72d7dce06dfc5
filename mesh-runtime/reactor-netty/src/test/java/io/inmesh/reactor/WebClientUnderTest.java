package io.inmesh.reactor;

import io.inmesh.conformance.Answered;
import io.inmesh.conformance.Asked;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.http.Headers;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** A WebClient in the contract's words. */
record WebClientUnderTest(WebClient client) implements ClientUnderTest {
  @Override
  public Answered call(Asked asked) throws IOException {
    try {
      return start(asked).answer().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  @Override
  public Running start(Asked asked) {
    CompletableFuture<Answered> answer = new CompletableFuture<>();
    Disposable running =
        request(asked)
            .exchangeToMono(WebClientUnderTest::answered)
            .doOnCancel(() -> answer.completeExceptionally(new IOException("cancelled")))
            .subscribe(
                answer::complete,
                e ->
                    answer.completeExceptionally(
                        e instanceof WebClientRequestException wrapped ? wrapped.getCause() : e));
    return new Running() {
      @Override
      public void cancel() {
        running.dispose();
      }

      @Override
      public CompletableFuture<Answered> answer() {
        return answer;
      }
    };
  }

  private WebClient.RequestHeadersSpec<?> request(Asked asked) {
    WebClient.RequestBodySpec request =
        client.method(HttpMethod.valueOf(asked.method())).uri(URI.create(asked.url()));
    for (int i = 0; i < asked.headers().size(); i += 2) {
      request.header(asked.headers().get(i), asked.headers().get(i + 1));
    }
    byte[] body = asked.body();
    return body == null ? request : request.bodyValue(body);
  }

  private static Mono<Answered> answered(ClientResponse response) {
    Headers headers = new Headers();
    response
        .headers()
        .asHttpHeaders()
        .forEach((name, values) -> values.forEach(value -> headers.add(name, value)));
    return DataBufferUtils.join(
            response.bodyToFlux(org.springframework.core.io.buffer.DataBuffer.class))
        .map(
            buffer -> {
              byte[] bytes = new byte[buffer.readableByteCount()];
              buffer.read(bytes);
              DataBufferUtils.release(buffer);
              return bytes;
            })
        .defaultIfEmpty(new byte[0])
        .map(bytes -> new Answered(response.statusCode().value(), headers, bytes, new Headers()));
  }

  @Override
  public boolean trailers() {
    return false; // WebClient shows none
  }
}
