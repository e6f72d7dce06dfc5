package io.inmesh.tomcat;

import io.inmesh.runtime.Engines;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningRequests;
import java.io.IOException;
import java.util.Set;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.coyote.http11.upgrade.UpgradeProcessorInternal;
import org.apache.coyote.http2.MeshHttp2Protocol;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** HTTP/1.1 and HTTP/2 on one port, in TLS or not. */
final class MeshProtocol extends Http11NioProtocol {
  private final MeshServices services;
  private final MeshHttp2Protocol http2;
  private final RunningRequests requests;

  MeshProtocol(MeshServices services) {
    super(new MeshEndpoint(services));
    this.services = services;
    this.requests = new RunningRequests();
    this.http2 = new MeshHttp2Protocol(this::http2Adapter);
    addUpgradeProtocol(http2);
  }

  MeshHttp2Protocol http2() {
    return http2;
  }

  /** BoringSSL works on native memory: to it and from it heap buffers are copied. */
  void directBuffers() {
    getEndpoint().getSocketProperties().setDirectBuffer(true);
    getEndpoint().getSocketProperties().setDirectSslBuffer(true);
  }

  /** RunningRequests that are being served. */
  RunningRequests requests() {
    return requests;
  }

  Engines engines() {
    return ((MeshEndpoint) getEndpoint()).engines;
  }

  Set<? extends SocketWrapperBase<?>> connections() {
    return getEndpoint().getConnections();
  }

  /** Tells HTTP/2 connections that no new streams are wanted. */
  void goAway() {
    for (SocketWrapperBase<?> socket : connections()) {
      if (socket.getCurrentProcessor() instanceof UpgradeProcessorInternal http2Connection) {
        http2Connection.pause();
      }
    }
  }

  /** TLS may choose h2 although this connector's own SSL is off. */
  @Override
  public UpgradeProtocol getNegotiatedProtocol(String name) {
    return name.equals("h2") ? http2 : super.getNegotiatedProtocol(name);
  }

  private Adapter http2Adapter(Adapter adapter, SocketWrapperBase<?> socket) {
    Adapter tomcats = adapter instanceof ConnectionAdapter own ? own.tomcats() : adapter;
    ConnectionAdapter own = new ConnectionAdapter(tomcats, services, requests);
    own.connected(socket);
    return own;
  }

  @Override
  protected Processor createProcessor() {
    return new MeshProcessor(this, new ConnectionAdapter(getAdapter(), services, requests));
  }

  /** Tells its adapter which connection it works for. */
  private static final class MeshProcessor extends Http11Processor {
    private final ConnectionAdapter own;

    MeshProcessor(MeshProtocol protocol, ConnectionAdapter own) {
      super(protocol, own);
      this.own = own;
    }

    @Override
    public SocketState service(SocketWrapperBase<?> socket) throws IOException {
      own.connected(socket);
      return super.service(socket);
    }
  }
}
