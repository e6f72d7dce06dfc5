package io.inmesh.reactor;

import io.inmesh.call.CallContext;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.runtime.MeshServices;
import io.netty.buffer.ByteBuf;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** A Reactor Netty server with one handler, started under a mesh. */
final class TestReactorServer implements ServerUnderTest {
  private final DisposableServer server;

  private TestReactorServer(DisposableServer server) {
    this.server = server;
  }

  static TestReactorServer start(MeshServices services, Application application) {
    HttpServer meshed =
        new HttpServerAdapter().wrap(HttpServer.create().host("127.0.0.1").port(0), services);
    return new TestReactorServer(meshed.handle((in, out) -> serve(application, in, out)).bindNow());
  }

  private static Publisher<Void> serve(
      Application application, HttpServerRequest in, HttpServerResponse out) {
    return in.receive()
        .aggregate()
        .map(ByteBuf::readableBytes)
        .defaultIfEmpty(0)
        .flatMap(
            length ->
                Mono.deferContextual(
                    context -> {
                      CallContext call = context.getOrDefault(CallContext.class, CallContext.NONE);
                      return Mono.fromCallable(() -> application.serve(seen(in, call, length)))
                          .subscribeOn(Schedulers.boundedElastic());
                    }))
        .flatMap(
            answer -> {
              out.status(answer.status());
              answer.headers().forEach(out::header);
              return out.sendString(Mono.just(answer.body())).then();
            });
  }

  private static Request seen(HttpServerRequest in, CallContext context, int length) {
    Map<String, String> headers = new TreeMap<>();
    in.requestHeaders()
        .forEach(field -> headers.put(field.getKey().toLowerCase(Locale.ROOT), field.getValue()));
    return new Request(
        in.method().name(),
        in.uri(),
        headers,
        in.scheme(),
        !in.scheme().equals("http"),
        context.peer().peer(),
        context,
        length);
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.disposeNow();
  }
}
