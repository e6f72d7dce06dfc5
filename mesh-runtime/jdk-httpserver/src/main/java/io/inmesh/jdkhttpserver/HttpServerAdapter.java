package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import io.inmesh.MeshException;
import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/**
 * Meshes an {@link HttpServer} that has no contexts yet and was not started: the application goes
 * on with the server that it gets back, which has taken over the address and the executor. Contexts
 * that were created before are not there: of them only {@code /} can be seen, and is refused.
 * HTTP/1.1 only, as the JDK's server is.
 */
public final class HttpServerAdapter implements MeshAdapter<HttpServer> {
  private static final String JDK = "sun.net.httpserver.";

  @Override
  public Class<HttpServer> type() {
    return HttpServer.class;
  }

  /**
   * @throws MeshException when the server brings TLS of its own, is no server of the JDK's, was
   *     started, or has a context
   */
  @Override
  public HttpServer wrap(HttpServer server, MeshServices services) {
    if (server instanceof MeshHttpServer) {
      return server;
    }
    check(server);
    InetSocketAddress address = server.getAddress();
    Executor executor = server.getExecutor();
    try {
      HttpsServer own = HttpsServer.create();
      if (!own.getClass().getName().startsWith(JDK)) {
        throw foreign(own);
      }
      MeshHttpServer meshed = new MeshHttpServer(own, services);
      meshed.setExecutor(executor);
      giveUp(server);
      if (address != null) {
        meshed.bind(address, 0);
      }
      return meshed;
    } catch (IOException e) {
      throw new MeshException("the meshed HttpServer cannot take over " + address + ": " + e, e);
    }
  }

  private static void check(HttpServer server) {
    if (server instanceof HttpsServer) {
      throw new MeshException(
          "an HttpsServer brings TLS of its own and cannot be meshed: wrap a plain HttpServer, the"
              + " mesh brings the TLS");
    }
    if (!server.getClass().getName().startsWith(JDK)) {
      throw foreign(server);
    }
    try {
      server.setExecutor(server.getExecutor());
    } catch (IllegalStateException e) {
      throw new MeshException(
          "the HttpServer on " + server.getAddress() + " has been started: wrap it before", e);
    }
    if (hasRootContext(server)) {
      throw new MeshException(
          "the HttpServer has contexts already, which cannot be taken over: wrap it first, then"
              + " create them on the server that wrap gives back");
    }
  }

  /** The JDK does not tell which contexts there are; this is the one that is there most often. */
  private static boolean hasRootContext(HttpServer server) {
    try {
      server.removeContext("/");
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static MeshException foreign(HttpServer server) {
    return new MeshException(
        server.getClass().getName()
            + " is not the JDK's HttpServer (another HttpServerProvider made it) and cannot be"
            + " meshed by inmesh-jdk-httpserver");
  }

  /**
   * Lets go of its port. A server that never ran keeps it, even when stopped, until its selector
   * has run once; nothing that arrives meanwhile is read.
   */
  private static void giveUp(HttpServer server) {
    if (server.getAddress() != null) {
      server.setExecutor(task -> {});
      server.start();
    }
    server.stop(0);
  }
}
