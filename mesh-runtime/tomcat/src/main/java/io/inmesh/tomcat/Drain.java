package io.inmesh.tomcat;

import io.inmesh.runtime.MeshServices;
import java.time.Duration;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.connector.Connector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When the mesh closes: no new connections, and the requests that run may end. */
final class Drain {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");

  private Drain() {}

  static void install(Connector connector, MeshProtocol protocol, MeshServices services) {
    Runnable takeBack = services.onDrain(() -> run(connector, protocol, services.drainLimit()));
    connector.addLifecycleListener(
        event -> {
          if (event.getType().equals(Lifecycle.AFTER_STOP_EVENT)) {
            takeBack.run();
          }
        });
  }

  private static void run(Connector connector, MeshProtocol protocol, Duration limit) {
    if (!connector.getState().isAvailable()) {
      return;
    }
    connector.pause();
    protocol.goAway();
    boolean drained = protocol.requests().awaitNone(limit);
    LOG.atInfo()
        .addKeyValue("port", connector.getLocalPort())
        .log(
            drained
                ? "drained"
                : "drained as far as the limit allowed; requests were still running");
  }
}
