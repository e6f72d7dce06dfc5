package io.inmesh.reactor;

import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;
import io.inmesh.runtime.HostLines;
import io.inmesh.runtime.MeshServices;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;

/** See {@link ClientHttpConnectorAdapter}. Thread-safe. */
final class MeshClientHttpConnector implements ClientHttpConnector {
  private final ClientHttpConnector outside;
  private final MeshServices services;
  private final HostLines<Line> lines;
  private final boolean gzip;
  private final NettyDataBufferFactory buffers =
      new NettyDataBufferFactory(ByteBufAllocator.DEFAULT);

  MeshClientHttpConnector(
      ClientHttpConnector outside, HttpClient application, MeshServices services) {
    this.outside = outside;
    this.services = services;
    HttpClientConfig settings = application.configuration();
    this.gzip = settings.isAcceptGzip();
    this.lines = HostLines.start(services, (host, wire, tls) -> Line.to(host, wire, tls, settings));
  }

  /**
   * Of that type, so that the adapter can be looked at where there is no Spring: a class that hands
   * out this one would have to be verified against it.
   */
  static ClientHttpConnector over(
      ClientHttpConnector outside, HttpClient application, MeshServices services) {
    return new MeshClientHttpConnector(outside, application, services);
  }

  @Override
  public Mono<ClientHttpResponse> connect(
      HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
    if (uri.getScheme() == null || uri.getRawAuthority() == null) {
      return outside.connect(method, uri, requestCallback);
    }
    return Mono.defer(
            () -> {
              SpringRequest request = new SpringRequest(method, uri, buffers);
              return requestCallback.apply(request).then(send(request));
            })
        .onErrorResume(LeftAlone.class, beside -> outside.connect(method, uri, requestCallback));
  }

  private Mono<ClientHttpResponse> send(SpringRequest request) {
    return Mono.deferContextual(
        context -> {
          CallContext parent =
              context.<CallContext>getOrEmpty(CallContext.class).orElseGet(CurrentCall::context);
          AtomicReference<Answer> given = new AtomicReference<>();
          return Mono.<Answer>create(
                  sink -> {
                    if (!Exchange.start(
                        services, lines, request.head(gzip), request.body(), parent, sink)) {
                      sink.error(LeftAlone.INSTANCE);
                    }
                  })
              .doOnNext(given::set)
              .<ClientHttpResponse>map(answer -> new SpringResponse(answer, buffers))
              .doOnCancel(
                  () -> {
                    Answer answer = given.get();
                    if (answer != null) {
                      answer.abandon();
                    }
                  });
        });
  }

  /** The mesh has no part in the call. */
  private static final class LeftAlone extends IOException {
    private static final long serialVersionUID = 1L;
    static final LeftAlone INSTANCE = new LeftAlone();

    @Override
    public Throwable fillInStackTrace() {
      return this;
    }
  }
}
