package io.inmesh.controlplane.xds;

import io.inmesh.controlplane.config.ServiceEntry;
import io.inmesh.controlplane.config.ServicePort;
import java.util.List;
import java.util.Map;

/** A host of a ServiceEntry with its endpoints by port number. */
record Service(
    String host,
    ServiceEntry entry,
    Map<Integer, List<Endpoint>> endpoints,
    List<String> identities) {

  String namespace() {
    return entry.meta().namespace();
  }

  List<Endpoint> endpoints(ServicePort port) {
    return endpoints.getOrDefault(port.number(), List.of());
  }

  boolean visibleIn(String namespace) {
    return entry.exportTo().visibleIn(namespace, namespace());
  }
}
