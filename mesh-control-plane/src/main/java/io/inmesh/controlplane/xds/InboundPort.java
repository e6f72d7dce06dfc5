package io.inmesh.controlplane.xds;

import io.inmesh.controlplane.config.Protocol;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.Sidecar;
import io.inmesh.controlplane.config.TrafficPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A port on which a workload is called.
 *
 * @param owner in the names of operations: the service's host, or the Sidecar
 * @param servicePort in the names of operations and virtual hosts
 * @param service null: no service has it
 * @param ingress null: from the services
 * @param configPath of the Sidecar; empty without
 */
record InboundPort(
    int number,
    Protocol protocol,
    String owner,
    int servicePort,
    @Nullable Service service,
    Sidecar.@Nullable Ingress ingress,
    TrafficPolicy.@Nullable ConnectionPool pool,
    String configPath) {

  /** The ports that the Sidecar's ingress names, else those of the workload's services. */
  static List<InboundPort> of(Scope scope) {
    List<Mesh.OwnPort> own = scope.mesh().ownPorts(scope.node());
    Sidecar sidecar = scope.sidecar();
    TrafficPolicy.ConnectionPool pool = sidecar == null ? null : sidecar.inboundPool();
    List<InboundPort> ports = new ArrayList<>();
    if (sidecar == null || sidecar.ingress().isEmpty()) {
      for (Mesh.OwnPort port : own) {
        ServicePort of = port.servicePort();
        ports.add(
            new InboundPort(
                port.endpoint().port(),
                of.protocol(),
                port.service().host(),
                of.number(),
                port.service(),
                null,
                pool,
                ""));
      }
      return ports;
    }
    for (Sidecar.Ingress ingress : sidecar.ingress()) {
      int number = ingress.port().number();
      Service service = null;
      for (Mesh.OwnPort port : own) {
        if (port.endpoint().port() == number) {
          service = port.service();
        }
      }
      ports.add(
          new InboundPort(
              number,
              ingress.port().protocol(),
              sidecar.meta().name() + "." + sidecar.meta().namespace(),
              number,
              service,
              ingress,
              ingress.pool() != null ? ingress.pool() : pool,
              sidecar.meta().configPath()));
    }
    ports.sort(Comparator.comparingInt(InboundPort::number));
    return ports;
  }

  String cluster() {
    return StaticClusters.inboundName(number);
  }

  /** Whether it is a listener of its own, without redirection. */
  boolean bound(boolean intercepted) {
    return ingress != null
        && (ingress.capture() == Sidecar.CaptureMode.NONE
            || (ingress.capture() == Sidecar.CaptureMode.DEFAULT && !intercepted));
  }
}
