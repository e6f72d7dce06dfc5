package io.inmesh.reactor;

import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import java.util.Objects;
import org.springframework.http.client.reactive.ClientHttpConnector;
import reactor.netty.http.client.HttpClient;

/**
 * Meshes what is below a WebClient: {@code WebClient.builder().clientConnector(mesh.wrap(
 * ClientHttpConnector.class, connector))}. Whatever the given connector is, calls to the mesh are
 * made by Reactor Netty on its default event loops; the given one makes those that the mesh leaves
 * alone. Bodies stream both ways with back-pressure; a request body is subscribed to once, and what
 * a retry needs of it is kept, up to 1 MiB.
 *
 * <p>The served request that a call is made for is read from the Reactor context (key {@code
 * CallContext.class}) or, without one, from the subscribing thread. Redirects are not followed.
 */
public final class ClientHttpConnectorAdapter implements MeshAdapter<ClientHttpConnector> {
  /** Both libraries are needed, whatever connector is given. */
  @Override
  public Class<ClientHttpConnector> type() {
    Objects.requireNonNull(HttpClient.class);
    return ClientHttpConnector.class;
  }

  @Override
  public ClientHttpConnector wrap(ClientHttpConnector target, MeshServices services) {
    return MeshClientHttpConnector.over(target, HttpClient.create().compress(true), services);
  }
}
