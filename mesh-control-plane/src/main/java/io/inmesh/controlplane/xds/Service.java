package io.inmesh.controlplane.xds;

import io.inmesh.controlplane.config.ServiceEntry;
import io.inmesh.controlplane.config.ServicePort;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * A host of a ServiceEntry with its endpoints by port number.
 *
 * @param ports those of the entry that are in scope
 */
record Service(
    String host,
    ServiceEntry entry,
    List<ServicePort> ports,
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

  /** This service with some of its ports only. */
  Service only(IntPredicate wanted) {
    List<ServicePort> some = ports.stream().filter(port -> wanted.test(port.number())).toList();
    return new Service(host, entry, some, endpoints, identities);
  }
}
