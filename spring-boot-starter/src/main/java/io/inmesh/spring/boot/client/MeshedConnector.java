package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;

/**
 * What is below the application's WebClients: the mesh, and above it those of {@link
 * HttpClientSettings} that are the caller's affair. Thread-safe.
 */
final class MeshedConnector implements ClientHttpConnector {
  private static final int REDIRECTS = 20;

  private final ClientHttpConnector meshed;
  private final @Nullable Duration readTimeout;
  private final boolean redirects;

  private MeshedConnector(
      ClientHttpConnector meshed, @Nullable Duration readTimeout, boolean redirects) {
    this.meshed = meshed;
    this.readTimeout = readTimeout;
    this.redirects = redirects;
  }

  /**
   * @param applications makes the calls that the mesh leaves alone
   * @param settings null: it is the application's own, with whatever it does
   */
  static MeshedConnector of(
      Mesh mesh, ClientHttpConnector applications, @Nullable HttpClientSettings settings) {
    return new MeshedConnector(
        mesh.wrap(ClientHttpConnector.class, applications),
        settings == null ? null : settings.readTimeout(),
        settings != null && settings.redirects() != HttpRedirects.DONT_FOLLOW);
  }

  @Override
  public Mono<ClientHttpResponse> connect(
      HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> callback) {
    return redirects ? follow(method, uri, callback, REDIRECTS) : once(method, uri, callback);
  }

  private Mono<ClientHttpResponse> follow(
      HttpMethod method,
      URI uri,
      Function<? super ClientHttpRequest, Mono<Void>> callback,
      int left) {
    return once(method, uri, callback)
        .flatMap(
            answer -> {
              URI next = left == 0 ? null : Redirection.next(method, uri, answer);
              if (next == null) {
                return Mono.just(answer);
              }
              return Redirection.discard(answer)
                  .then(follow(method, next, Redirection.headers(callback, uri, next), left - 1));
            });
  }

  private Mono<ClientHttpResponse> once(
      HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> callback) {
    Mono<ClientHttpResponse> answer = meshed.connect(method, uri, callback);
    Duration limit = readTimeout;
    return limit == null
        ? answer
        : answer.timeout(
            limit, Mono.error(() -> new TimeoutException("no response head within " + limit)));
  }
}
