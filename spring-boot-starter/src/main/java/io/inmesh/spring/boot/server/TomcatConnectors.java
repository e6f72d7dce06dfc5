package io.inmesh.spring.boot.server;

import io.inmesh.Mesh;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;
import org.apache.catalina.Service;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces the connectors of a Tomcat, as Boot has set it up, by meshed ones. */
final class TomcatConnectors {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.spring");

  private TomcatConnectors() {}

  /**
   * @param context that was just made: the Tomcat around it is complete, and not yet started
   */
  static void mesh(Context context, Mesh mesh) {
    Service service = ((Engine) context.getParent().getParent()).getService();
    List<Connector> connectors = List.of(service.findConnectors());
    // all of them, so that their order stays: the first is the one that Boot asks for its port
    connectors.forEach(service::removeConnector);
    for (Connector connector : connectors) {
      service.addConnector(meshed(connector, mesh));
    }
  }

  private static Connector meshed(Connector connector, Mesh mesh) {
    if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> http
        && http.isSSLEnabled()) {
      LOG.atWarn().addKeyValue("port", connector.getPort()).log(OwnTls.MESSAGE);
      return connector;
    }
    return mesh.wrap(Connector.class, connector);
  }
}
