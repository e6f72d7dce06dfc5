package io.inmesh.jdkhttpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsExchange;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningRequests;
import java.io.IOException;

/** Every request that the server has read comes through here. */
final class Gate implements HttpHandler {
  private final MeshServices services;
  private final Contexts contexts;
  private final RunningRequests running = new RunningRequests();

  Gate(MeshServices services, Contexts contexts) {
    this.services = services;
    this.contexts = contexts;
  }

  RunningRequests running() {
    return running;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    if (!(((HttpsExchange) exchange).getSSLSession() instanceof EngineSession session)) {
      throw new IOException("a connection that the mesh does not know");
    }
    new ServedExchange(services, running, exchange, session.engine()).serve(contexts);
  }
}
