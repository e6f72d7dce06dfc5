package io.inmesh.tomcat;

import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import org.apache.catalina.Service;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;

/**
 * Meshes an embedded Tomcat before it is started: its plain HTTP connectors are replaced by meshed
 * ones with the same settings, so ask {@link Tomcat#getConnector()} again afterwards. A connector
 * with the application's own TLS is left alone.
 */
public final class TomcatAdapter implements MeshAdapter<Tomcat> {
  @Override
  public Class<Tomcat> type() {
    return Tomcat.class;
  }

  @Override
  public @Nullable String problem() {
    return TomcatVersion.problem();
  }

  @Override
  public Tomcat wrap(Tomcat tomcat, MeshServices services) {
    Connector unused = tomcat.getConnector(); // made now, if the application has not made one
    Service service = tomcat.getService();
    for (Connector connector : service.findConnectors()) {
      if (MeshConnectors.meshable(connector)) {
        Connector meshed = MeshConnectors.meshed(connector, services);
        service.removeConnector(connector);
        service.addConnector(meshed);
      }
    }
    return tomcat;
  }
}
