package io.inmesh.spring.boot.client;

import java.net.URI;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpRequestDecorator;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Redirects of GET and HEAD, which have no body to send again. */
final class Redirection {
  private Redirection() {}

  /** Null: the answer is the caller's. */
  static @Nullable URI next(HttpMethod method, URI asked, ClientHttpResponse answer) {
    String location = answer.getHeaders().getFirst(HttpHeaders.LOCATION);
    boolean redirect =
        switch (answer.getStatusCode().value()) {
          case 301, 302, 303, 307, 308 -> true;
          default -> false;
        };
    if (!redirect
        || location == null
        || !(method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))) {
      return null;
    }
    try {
      URI next = asked.resolve(location);
      return "http".equals(next.getScheme()) || "https".equals(next.getScheme()) ? next : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  static Mono<Void> discard(ClientHttpResponse answer) {
    return Flux.from(answer.getBody()).doOnNext(DataBufferUtils::release).then();
  }

  /** What is meant for one host is not told to another. */
  static Function<? super ClientHttpRequest, Mono<Void>> headers(
      Function<? super ClientHttpRequest, Mono<Void>> callback, URI from, URI to) {
    return from.getRawAuthority().equalsIgnoreCase(to.getRawAuthority())
            && from.getScheme().equals(to.getScheme())
        ? callback
        : request -> callback.apply(new Stranger(request));
  }

  private static final class Stranger extends ClientHttpRequestDecorator {
    Stranger(ClientHttpRequest request) {
      super(request);
    }

    private void forget() {
      getHeaders().remove(HttpHeaders.AUTHORIZATION);
      getHeaders().remove(HttpHeaders.COOKIE);
      getHeaders().remove(HttpHeaders.HOST);
      getCookies().clear();
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
      forget();
      return super.writeWith(body);
    }

    @Override
    public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
      forget();
      return super.writeAndFlushWith(body);
    }

    @Override
    public Mono<Void> setComplete() {
      forget();
      return super.setComplete();
    }
  }
}
