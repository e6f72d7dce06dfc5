package io.inmesh.tomcat;

import io.inmesh.runtime.ClosedConnections;
import io.inmesh.runtime.Engines;
import io.inmesh.runtime.MeshServices;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketBufferHandler;

/**
 * Tomcat's endpoint with channels that are TLS or not as the mesh decides. Its own SSL stays off.
 */
final class MeshEndpoint extends NioEndpoint {
  private final MeshServices services;
  final ClosedConnections closed = new ClosedConnections();
  final Engines engines = new Engines();

  MeshEndpoint(MeshServices services) {
    this.services = services;
  }

  @Override
  protected NioChannel createChannel(SocketBufferHandler buffer) {
    return new MeshChannel(buffer, this, services.inbound(), closed, engines);
  }

  /** So that the channel tells what ALPN chose. */
  @Override
  public boolean hasNegotiableProtocols() {
    return true;
  }
}
