package io.inmesh.reactor;

import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import reactor.netty.http.server.HttpServer;

/**
 * Meshes {@link HttpServer}s, WebFlux's among them: TLS and plaintext on the one port as the
 * configuration wants it now, policy before the handler, HTTP/1.1 and HTTP/2. Wrap before binding;
 * the handler may be set afterwards. The protocols become H2C and HTTP/1.1: which one a connection
 * speaks is found by its first bytes, within the mesh's TLS as well.
 *
 * <p>The handler sees http as the scheme, also under the mesh's TLS, as behind a sidecar. What
 * calls made for a request inherit is in its Reactor context, key {@code CallContext.class}. {@code
 * mapHandle} and {@code forwarded} of the server are used for these two: set on the wrapped server
 * they take the mesh's place.
 */
public final class HttpServerAdapter implements MeshAdapter<HttpServer> {
  @Override
  public Class<HttpServer> type() {
    return HttpServer.class;
  }

  /**
   * @throws IllegalArgumentException for a server that has TLS of its own
   */
  @Override
  public HttpServer wrap(HttpServer target, MeshServices services) {
    if (target.configuration().sslProvider() != null) {
      throw new IllegalArgumentException(
          "this HttpServer has TLS of its own: take it out (noSSL()), the mesh ends TLS on its port");
    }
    return new MeshServer(services).around(target);
  }
}
