package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.inmesh.call.CurrentCall;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A meshed HttpServer of the JDK's with one context, started. */
final class TestHttpServer implements ServerUnderTest {
  final MeshHttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private TestHttpServer(MeshServices services) throws IOException {
    HttpServer plain =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    plain.setExecutor(threads);
    server = (MeshHttpServer) new HttpServerAdapter().wrap(plain, services);
  }

  /**
   * @param async the handler returns at once, another thread answers
   */
  static TestHttpServer start(MeshServices services, Application application, boolean async)
      throws IOException {
    TestHttpServer test = new TestHttpServer(services);
    test.server.createContext(
        "/",
        exchange -> {
          Request seen = seen(exchange);
          if (async) {
            test.threads.execute(() -> answerAlone(application, seen, exchange));
          } else {
            answer(application, seen, exchange);
          }
        });
    test.server.start();
    return test;
  }

  private static void answerAlone(Application application, Request seen, HttpExchange exchange) {
    try {
      answer(application, seen, exchange);
    } catch (IOException | RuntimeException e) {
      try {
        exchange.sendResponseHeaders(500, -1);
      } catch (IOException answered) {
        // the caller was answered already
      }
    }
  }

  private static Request seen(HttpExchange exchange) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    return new Request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().toString(),
        headers,
        "http",
        exchange instanceof com.sun.net.httpserver.HttpsExchange,
        exchange.getAttribute("io.inmesh.peer"),
        CurrentCall.context(),
        exchange.getRequestBody().readAllBytes().length);
  }

  private static void answer(Application application, Request seen, HttpExchange exchange)
      throws IOException {
    Response answer;
    try {
      answer = application.serve(seen);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
