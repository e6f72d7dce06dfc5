package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the application gets: connections and HTTP are an HttpsServer's, whose engines are ours; its
 * single context leads through the mesh to the contexts here.
 */
final class MeshHttpServer extends HttpServer {
  static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");

  private final HttpsServer server;
  private final Contexts contexts = new Contexts(this);
  private final Gate gate;
  private final MeshConnections connections;
  private final Runnable takeBackDrain;

  MeshHttpServer(HttpsServer server, MeshServices services) {
    this.server = server;
    this.gate = new Gate(services, contexts);
    this.connections = new MeshConnections(services, server::getAddress);
    server.setHttpsConfigurator(connections.configurator());
    server.createContext("/", gate);
    this.takeBackDrain = services.onDrain(() -> drain(services));
  }

  MeshConnections connections() {
    return connections;
  }

  /** New connections are closed, answers end theirs; those that run may go on to their end. */
  private void drain(MeshServices services) {
    boolean drained = gate.running().awaitNone(services.drainLimit());
    LOG.atInfo()
        .addKeyValue("address", getAddress())
        .log(
            drained
                ? "drained"
                : "drained as far as the limit allowed; requests were still running");
  }

  @Override
  public void bind(InetSocketAddress address, int backlog) throws IOException {
    server.bind(address, backlog);
  }

  @Override
  public void start() {
    server.start();
  }

  @Override
  public void setExecutor(@Nullable Executor executor) {
    server.setExecutor(executor);
  }

  @Override
  public @Nullable Executor getExecutor() {
    return server.getExecutor();
  }

  @Override
  public void stop(int delay) {
    takeBackDrain.run();
    server.stop(delay);
  }

  @Override
  public HttpContext createContext(String path, HttpHandler handler) {
    HttpContext context = createContext(path);
    context.setHandler(handler);
    return context;
  }

  @Override
  public HttpContext createContext(String path) {
    return contexts.create(path);
  }

  @Override
  public void removeContext(String path) {
    contexts.remove(path);
  }

  @Override
  public void removeContext(HttpContext context) {
    contexts.remove(context.getPath());
  }

  @Override
  public @Nullable InetSocketAddress getAddress() {
    return server.getAddress();
  }
}
