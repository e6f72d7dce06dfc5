package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The exchange as the application sees it: the head as the mesh left it, plain HTTP also under
 * mTLS. Attributes {@value #PEER}, {@value #CONNECTION} and {@value #CONTEXT} say who calls.
 */
final class MeshExchange extends HttpExchange {
  static final String CONNECTION = "io.inmesh.connection";
  static final String PEER = "io.inmesh.peer";
  static final String CONTEXT = "io.inmesh.context";

  private final HttpExchange exchange;
  private final ServedExchange served;
  private final @Nullable MeshContext context;
  private final Headers requestHeaders;
  private final Headers responseHeaders = new Headers();
  private final URI target;
  private final Map<String, Object> attributes = new ConcurrentHashMap<>(4);
  private volatile @Nullable HttpPrincipal principal;
  private InputStream in;
  private OutputStream out;

  MeshExchange(HttpExchange exchange, ServedExchange served, @Nullable MeshContext context) {
    this.exchange = exchange;
    this.served = served;
    this.context = context;
    this.requestHeaders =
        Heads.headers(served.head(), exchange.getRequestHeaders().getFirst("Host"));
    this.responseHeaders.putAll(exchange.getResponseHeaders());
    String path = served.head().path();
    URI sent = exchange.getRequestURI();
    this.target = sent.toString().equals(path) ? sent : URI.create(path);
    this.in = exchange.getRequestBody();
    this.out = new ResponseBody(exchange, served);
    attributes.put(CONNECTION, served.from());
    attributes.put(CONTEXT, served.context());
    String peer = served.from().peer();
    if (peer != null) {
      attributes.put(PEER, peer);
    }
  }

  void principal(HttpPrincipal now) {
    principal = now;
  }

  @Override
  public Headers getRequestHeaders() {
    return requestHeaders;
  }

  @Override
  public Headers getResponseHeaders() {
    return responseHeaders;
  }

  @Override
  public URI getRequestURI() {
    return target;
  }

  @Override
  public String getRequestMethod() {
    return served.head().method();
  }

  @Override
  public @Nullable HttpContext getHttpContext() {
    return context;
  }

  @Override
  public void sendResponseHeaders(int status, long length) throws IOException {
    served.respond(status, responseHeaders, length);
    if (length == -1
        || status == 204
        || status == 304
        || exchange.getRequestMethod().equals("HEAD")) {
      served.end();
    }
  }

  /** Before the head was sent: the caller is told that the application gave no answer. */
  @Override
  public void close() {
    try {
      if (served.headPassed()) {
        out.close();
      } else {
        served.breakOff();
      }
    } catch (IOException e) {
      exchange.close();
    }
  }

  @Override
  public InputStream getRequestBody() {
    return in;
  }

  @Override
  public OutputStream getResponseBody() {
    return out;
  }

  @Override
  public void setStreams(@Nullable InputStream input, @Nullable OutputStream output) {
    if (input != null) {
      in = input;
    }
    if (output != null) {
      out = output;
    }
  }

  @Override
  public InetSocketAddress getRemoteAddress() {
    return exchange.getRemoteAddress();
  }

  @Override
  public InetSocketAddress getLocalAddress() {
    return exchange.getLocalAddress();
  }

  @Override
  public int getResponseCode() {
    return exchange.getResponseCode();
  }

  @Override
  public String getProtocol() {
    return exchange.getProtocol();
  }

  /** Of this exchange; else of its context. */
  @Override
  public @Nullable Object getAttribute(String name) {
    Object own = attributes.get(name);
    return own != null || context == null ? own : context.getAttributes().get(name);
  }

  @Override
  public void setAttribute(String name, @Nullable Object value) {
    if (value == null) {
      attributes.remove(name);
    } else {
      attributes.put(name, value);
    }
  }

  @Override
  public @Nullable HttpPrincipal getPrincipal() {
    return principal;
  }
}
