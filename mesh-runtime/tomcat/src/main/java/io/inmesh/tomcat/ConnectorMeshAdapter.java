package io.inmesh.tomcat;

import io.inmesh.runtime.MeshAdapter;
import io.inmesh.runtime.MeshServices;
import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;

/** Gives a new, meshed connector with the settings of one that was not started. */
public final class ConnectorMeshAdapter implements MeshAdapter<Connector> {
  @Override
  public Class<Connector> type() {
    return Connector.class;
  }

  @Override
  public @Nullable String problem() {
    return TomcatVersion.problem();
  }

  @Override
  public Connector wrap(Connector connector, MeshServices services) {
    return MeshConnectors.meshed(connector, services);
  }
}
