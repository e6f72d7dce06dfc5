package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.inmesh.driver.Answer;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Heads between the JDK server's form and the mesh's. */
final class Heads {
  private Heads() {}

  static RequestHead request(HttpExchange exchange) {
    io.inmesh.http.Headers headers = new io.inmesh.http.Headers(24);
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!name.equals("Host")) {
                values.forEach(value -> headers.add(name, value));
              }
            });
    URI target = exchange.getRequestURI();
    String authority = target.getScheme() == null ? null : target.getRawAuthority();
    if (authority == null) {
      authority = exchange.getRequestHeaders().getFirst("Host");
    }
    return new RequestHead(
        exchange.getRequestMethod(),
        "http",
        authority == null ? "" : authority,
        path(target),
        headers,
        exchange.getProtocol().equals("HTTP/1.0") ? Protocol.HTTP10 : Protocol.HTTP11);
  }

  /** As it was sent; of {@code http://host/path} the path alone. */
  private static String path(URI target) {
    String path =
        target.getScheme() == null && target.getRawAuthority() != null
            ? "//" + target.getRawAuthority() + target.getRawPath()
            : target.getRawPath();
    return target.getRawQuery() == null ? path : path + "?" + target.getRawQuery();
  }

  /** The request's headers as the mesh left them. */
  static Headers headers(RequestHead head, @Nullable String host) {
    Headers headers = new Headers();
    if (host != null) {
      headers.add("Host", host);
    }
    for (int i = 0; i < head.headers().size(); i++) {
      headers.add(head.headers().name(i), head.headers().value(i));
    }
    return headers;
  }

  static io.inmesh.http.Headers copy(Headers from) {
    io.inmesh.http.Headers headers = new io.inmesh.http.Headers(from.size() + 5);
    from.forEach((name, values) -> values.forEach(value -> headers.add(name, value)));
    return headers;
  }

  static void add(io.inmesh.http.Headers from, Headers to) {
    for (int i = 0; i < from.size(); i++) {
      to.add(from.name(i), from.value(i));
    }
  }

  static void set(io.inmesh.http.Headers from, Headers to) {
    for (int i = 0; i < from.size(); i++) {
      to.set(from.name(i), from.value(i));
    }
  }

  /** An answer of the mesh's own, to its end. */
  static void write(Answer answer, boolean last, HttpExchange exchange) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    set(answer.head().headers(), headers);
    if (last) {
      headers.set("Connection", "close");
    }
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    boolean without = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.head().status(), without ? -1 : body.length);
    if (!without) {
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
    }
    exchange.close();
  }
}
