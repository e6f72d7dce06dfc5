package io.inmesh.tomcat;

import io.inmesh.MeshException;
import io.inmesh.runtime.MeshServices;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ProtocolHandler;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketProperties;

/** Makes the meshed form of a connector: a new one with the same settings. */
final class MeshConnectors {
  private static final int UNLIMITED = -1;

  private MeshConnectors() {}

  /** Whether the mesh has a part in it: plain HTTP over NIO, which is what Tomcat makes. */
  static boolean meshable(Connector connector) {
    return connector.getProtocolHandler() instanceof Http11NioProtocol protocol
        && !(protocol instanceof MeshProtocol)
        && !protocol.isSSLEnabled();
  }

  static Connector meshed(Connector connector, MeshServices services) {
    ProtocolHandler handler = connector.getProtocolHandler();
    if (handler instanceof MeshProtocol) {
      return connector;
    }
    if (!meshable(connector)) {
      throw new MeshException(
          "this Tomcat connector cannot be meshed ("
              + handler
              + "): it must speak plain HTTP over NIO; the mesh brings the TLS");
    }
    if (connector.getState() != LifecycleState.NEW) {
      throw new MeshException(
          "the Tomcat connector of port "
              + connector.getPort()
              + " has been started already: wrap it before");
    }
    MeshProtocol protocol = new MeshProtocol(services);
    Connector meshed = new Connector(protocol);
    Beans.copy(handler, protocol, Http11NioProtocol.class);
    // Tomcat's limit, 100 by default, cannot be read before the start and is the application's own
    // affair: a sidecar holds its callers' connections, and each new one costs them a handshake
    protocol.setMaxKeepAliveRequests(UNLIMITED);
    for (UpgradeProtocol upgrade : connector.findUpgradeProtocols()) {
      if (upgrade instanceof Http2Protocol http2) {
        Beans.copy(http2, protocol.http2(), Http2Protocol.class);
      } else {
        meshed.addUpgradeProtocol(upgrade);
      }
    }
    Beans.copy(connector, meshed, Connector.class);
    socketProperties(connector, meshed);
    protocol.directBuffers();
    Drain.install(meshed, protocol, services);
    return meshed;
  }

  private static void socketProperties(Connector from, Connector to) {
    for (var method : SocketProperties.class.getMethods()) {
      if (method.getName().startsWith("set") && method.getParameterCount() == 1) {
        String name = method.getName().substring(3);
        String key = "socket." + Character.toLowerCase(name.charAt(0)) + name.substring(1);
        Object value = from.getProperty(key);
        if (value != null && !value.equals(to.getProperty(key))) {
          to.setProperty(key, value.toString());
        }
      }
    }
  }
}
