package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A context of the application's: its filters, then its authenticator, then its handler. */
final class MeshContext extends HttpContext {
  private final MeshHttpServer server;
  private final String path;
  private final Map<String, Object> attributes = new ConcurrentHashMap<>();
  private final List<Filter> filters = new CopyOnWriteArrayList<>();
  private volatile @Nullable HttpHandler handler;
  private volatile @Nullable Authenticator authenticator;

  MeshContext(MeshHttpServer server, String path) {
    this.server = server;
    this.path = path;
  }

  /** False: there is no handler. */
  boolean serve(MeshExchange exchange) throws IOException {
    HttpHandler last = handler;
    if (last == null) {
      return false;
    }
    new Filter.Chain(filters, seen -> authenticate(seen, exchange, last)).doFilter(exchange);
    return true;
  }

  /**
   * @param seen as the filters passed it on
   */
  private void authenticate(HttpExchange seen, MeshExchange exchange, HttpHandler last)
      throws IOException {
    Authenticator by = authenticator;
    if (by != null) {
      Authenticator.Result result = by.authenticate(seen);
      if (result instanceof Authenticator.Success success) {
        exchange.principal(success.getPrincipal());
      } else {
        int status =
            result instanceof Authenticator.Retry retry
                ? retry.getResponseCode()
                : ((Authenticator.Failure) result).getResponseCode();
        try (InputStream body = exchange.getRequestBody()) {
          body.transferTo(OutputStream.nullOutputStream());
        }
        exchange.sendResponseHeaders(status, -1);
        return;
      }
    }
    last.handle(seen);
  }

  @Override
  public @Nullable HttpHandler getHandler() {
    return handler;
  }

  @Override
  public void setHandler(HttpHandler now) {
    if (handler != null) {
      throw new IllegalArgumentException("the context " + path + " has a handler already");
    }
    handler = Objects.requireNonNull(now);
  }

  @Override
  public String getPath() {
    return path;
  }

  @Override
  public HttpServer getServer() {
    return server;
  }

  @Override
  public Map<String, Object> getAttributes() {
    return attributes;
  }

  @Override
  public List<Filter> getFilters() {
    return filters;
  }

  @Override
  public @Nullable Authenticator setAuthenticator(@Nullable Authenticator now) {
    Authenticator before = authenticator;
    authenticator = now;
    return before;
  }

  @Override
  public @Nullable Authenticator getAuthenticator() {
    return authenticator;
  }
}
