package io.inmesh.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.inmesh.MeshException;
import io.inmesh.runtime.AdminView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers on one address. On loopback everything; on any other address only what a scraper and a
 * probe need, since nobody is asked who he is.
 */
final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.admin");

  private final HttpServer server;
  private final ExecutorService threads;
  private final Pages pages;
  private final boolean loopback;

  private AdminServer(HttpServer server, ExecutorService threads, Pages pages, boolean loopback) {
    this.server = server;
    this.threads = threads;
    this.pages = pages;
    this.loopback = loopback;
  }

  static AdminServer start(String host, int port, AdminView view) {
    try {
      InetAddress address = InetAddress.getByName(host);
      HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
      ThreadFactory plain = Executors.defaultThreadFactory();
      ExecutorService threads =
          Executors.newFixedThreadPool(
              2,
              task -> {
                Thread thread = plain.newThread(task);
                thread.setDaemon(true);
                thread.setName("inmesh-admin");
                return thread;
              });
      AdminServer admin =
          new AdminServer(server, threads, new Pages(view), address.isLoopbackAddress());
      server.setExecutor(threads);
      server.createContext("/", admin::answer);
      server.start();
      LOG.atInfo()
          .addKeyValue("address", server.getAddress())
          .log(
              address.isLoopbackAddress()
                  ? "the admin server is on"
                  : "the admin server is on; not on loopback, it gives /stats/prometheus and"
                      + " /ready only");
      return admin;
    } catch (IOException e) {
      throw new MeshException(
          "the admin server cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    Page page;
    String path = exchange.getRequestURI().getPath();
    try {
      Query query = Query.of(exchange.getRequestURI().getRawQuery());
      page =
          loopback || Pages.open(path)
              ? pages.page(exchange.getRequestMethod(), path, query)
              : Page.text(403, "only /stats/prometheus and /ready are given beyond loopback\n");
    } catch (IllegalArgumentException e) {
      page = Page.text(400, e.getMessage() + "\n");
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).addKeyValue("path", path).log("an admin page failed");
      page = Page.text(500, "it failed: " + e + "\n");
    }
    byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", page.type());
    exchange.getResponseHeaders().set("cache-control", "no-cache, max-age=0");
    exchange.getResponseHeaders().set("x-content-type-options", "nosniff");
    exchange.sendResponseHeaders(page.status(), body.length == 0 ? -1 : body.length);
    try (exchange) {
      if (body.length > 0 && !exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
