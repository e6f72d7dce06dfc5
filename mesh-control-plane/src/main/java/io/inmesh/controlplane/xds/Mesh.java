package io.inmesh.controlplane.xds;

import io.inmesh.controlplane.config.AuthorizationPolicy;
import io.inmesh.controlplane.config.DestinationRule;
import io.inmesh.controlplane.config.Locality;
import io.inmesh.controlplane.config.MeshConfig;
import io.inmesh.controlplane.config.OutboundPolicy;
import io.inmesh.controlplane.config.ServiceEntry;
import io.inmesh.controlplane.config.ServicePort;
import io.inmesh.controlplane.config.Sidecar;
import io.inmesh.controlplane.config.VirtualService;
import io.inmesh.controlplane.config.Workload;
import io.inmesh.controlplane.config.WorkloadEntry;
import io.inmesh.controlplane.registry.Registration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Configuration and registrations joined: what every node's resources are made from. Immutable. */
final class Mesh {
  static final String ROOT_NAMESPACE = "istio-system";

  private final String trustDomain;
  private final OutboundPolicy outboundPolicy;
  private final List<Service> services;
  private final List<VirtualService> virtualServices;
  private final List<DestinationRule> destinationRules;
  private final List<AuthorizationPolicy> policies;
  private final List<Sidecar> sidecars;
  private final PeerModes modes;
  private final MeshConfig config;
  private final List<Registration> registrations;

  /**
   * @param outboundPolicy for workloads without a Sidecar that says otherwise
   */
  Mesh(
      String trustDomain,
      OutboundPolicy outboundPolicy,
      MeshConfig config,
      List<Registration> registrations) {
    this.trustDomain = trustDomain;
    this.outboundPolicy = outboundPolicy;
    this.sidecars = config.all(Sidecar.class);
    this.config = config;
    this.registrations = registrations;
    this.modes = new PeerModes(config.all(io.inmesh.controlplane.config.PeerAuthentication.class));
    this.virtualServices = config.all(VirtualService.class);
    this.destinationRules = config.all(DestinationRule.class);
    this.policies = config.all(AuthorizationPolicy.class);
    List<WorkloadEntry> workloads = config.all(WorkloadEntry.class);
    List<Service> found = new ArrayList<>();
    for (ServiceEntry entry : config.all(ServiceEntry.class)) {
      Map<Integer, List<Endpoint>> endpoints = new LinkedHashMap<>();
      Set<String> identities = new TreeSet<>();
      for (ServicePort port : entry.ports()) {
        List<Endpoint> ofPort = endpoints(entry, port, workloads, registrations);
        endpoints.put(port.number(), ofPort);
        for (Endpoint endpoint : ofPort) {
          if (!endpoint.serviceAccount().isEmpty()) {
            identities.add(
                "spiffe://"
                    + trustDomain
                    + "/ns/"
                    + endpoint.namespace()
                    + "/sa/"
                    + endpoint.serviceAccount());
          }
        }
      }
      List<String> accepted = new ArrayList<>(identities);
      entry.subjectAltNames().stream()
          .filter(name -> !identities.contains(name))
          .forEach(accepted::add);
      for (String host : entry.hosts()) {
        found.add(
            new Service(host, entry, entry.ports(), withHost(entry, host, endpoints), accepted));
      }
    }
    found.sort(Comparator.comparing(Service::host));
    this.services = List.copyOf(found);
  }

  /** Without a list DNS is asked for the host itself. */
  private static Map<Integer, List<Endpoint>> withHost(
      ServiceEntry entry, String host, Map<Integer, List<Endpoint>> endpoints) {
    if (!entry.resolution().dns() || !entry.endpoints().isEmpty()) {
      return endpoints;
    }
    Workload itself = new Workload(host, Map.of(), Map.of(), Locality.NONE, 1, "");
    Map<Integer, List<Endpoint>> own = new LinkedHashMap<>();
    for (ServicePort port : entry.ports()) {
      own.put(port.number(), List.of(written(itself, port, entry.meta().namespace(), "")));
    }
    return own;
  }

  private static List<Endpoint> endpoints(
      ServiceEntry entry,
      ServicePort port,
      List<WorkloadEntry> workloads,
      List<Registration> registrations) {
    Map<String, Endpoint> endpoints = new LinkedHashMap<>();
    String namespace = entry.meta().namespace();
    for (Workload workload : entry.endpoints()) {
      add(endpoints, written(workload, port, namespace, ""));
    }
    if (!entry.selector().isEmpty()) {
      for (WorkloadEntry workload : workloads) {
        if (workload.meta().namespace().equals(namespace)) {
          Endpoint endpoint = written(workload.workload(), port, namespace, workload.meta().name());
          if (endpoint.hasLabels(entry.selector())) {
            add(endpoints, endpoint);
          }
        }
      }
      for (Registration registration : registrations) {
        if (registration.namespace().equals(namespace)
            && registration.labels().entrySet().containsAll(entry.selector().entrySet())) {
          int number = registeredPort(registration, port);
          if (number > 0 && !registration.addresses().isEmpty()) {
            add(endpoints, registered(registration, number));
          }
        }
      }
    }
    return List.copyOf(endpoints.values());
  }

  private static void add(Map<String, Endpoint> endpoints, Endpoint endpoint) {
    endpoints.putIfAbsent(endpoint.address() + " " + endpoint.port(), endpoint);
  }

  private static Endpoint written(
      Workload workload, ServicePort port, String namespace, String name) {
    String mode = workload.labels().getOrDefault("security.istio.io/tlsMode", "");
    boolean mutual = mode.isEmpty() ? !workload.serviceAccount().isEmpty() : mode.equals("istio");
    return new Endpoint(
        workload.address(),
        workload.address().startsWith("unix:")
            ? 0
            : workload.ports().getOrDefault(port.name(), port.targetPort()),
        workload.labels(),
        workload.locality(),
        workload.weight(),
        namespace,
        workload.serviceAccount(),
        name,
        mutual,
        "");
  }

  private static Endpoint registered(Registration registration, int port) {
    boolean mutual =
        !registration
            .labels()
            .getOrDefault("security.istio.io/tlsMode", "istio")
            .equals("disabled");
    return new Endpoint(
        registration.addresses().get(0),
        port,
        registration.labels(),
        registration.locality(),
        1,
        registration.namespace(),
        registration.serviceAccount(),
        registration.name(),
        mutual,
        registration.nodeId());
  }

  /**
   * By the port's name, else by the target port's number; 0 when the workload does not serve it.
   */
  private static int registeredPort(Registration registration, ServicePort port) {
    List<Registration.Port> ports = registration.ports();
    if (ports == null) {
      return port.targetPort();
    }
    for (Registration.Port own : ports) {
      if (own.name().equals(port.name())) {
        return own.number();
      }
    }
    for (Registration.Port own : ports) {
      if (own.name().isEmpty() && own.number() == port.targetPort()) {
        return own.number();
      }
    }
    return 0;
  }

  String trustDomain() {
    return trustDomain;
  }

  OutboundPolicy outboundPolicy() {
    return outboundPolicy;
  }

  PeerModes modes() {
    return modes;
  }

  List<Service> services(String namespace) {
    return services.stream().filter(service -> service.visibleIn(namespace)).toList();
  }

  @Nullable Service service(String host, String namespace) {
    for (Service service : services) {
      if (service.host().equals(host) && service.visibleIn(namespace)) {
        return service;
      }
    }
    return null;
  }

  @Nullable VirtualService virtualService(String host, String namespace) {
    for (VirtualService service : virtualServices(namespace)) {
      if (service.hosts().contains(host)) {
        return service;
      }
    }
    return null;
  }

  List<VirtualService> virtualServices(String namespace) {
    return virtualServices.stream()
        .filter(service -> service.exportTo().visibleIn(namespace, service.meta().namespace()))
        .toList();
  }

  /** The one that selects the workload, else the namespace's, else the mesh's. */
  @Nullable Sidecar sidecar(Registration node) {
    Map<String, String> labels = labels(node);
    Sidecar found = null;
    int rank = 0;
    for (Sidecar sidecar : sidecars) {
      boolean own = sidecar.meta().namespace().equals(node.namespace());
      boolean selects =
          own
              && !sidecar.selector().isEmpty()
              && labels.entrySet().containsAll(sidecar.selector().entrySet());
      boolean root = sidecar.meta().namespace().equals(ROOT_NAMESPACE);
      int its = selects ? 3 : !sidecar.selector().isEmpty() ? 0 : own ? 2 : root ? 1 : 0;
      if (its > rank) {
        found = sidecar;
        rank = its;
      }
    }
    return found;
  }

  @Nullable DestinationRule destinationRule(String host, String namespace) {
    for (DestinationRule rule : destinationRules) {
      if (rule.host().equals(host)
          && rule.exportTo().visibleIn(namespace, rule.meta().namespace())) {
        return rule;
      }
    }
    return null;
  }

  /** Policies of the workload's namespace and of the root namespace whose selector it matches. */
  List<AuthorizationPolicy> policies(Registration node) {
    Map<String, String> labels = labels(node);
    List<AuthorizationPolicy> matching = new ArrayList<>();
    for (AuthorizationPolicy policy : policies) {
      String namespace = policy.meta().namespace();
      if ((namespace.equals(node.namespace()) || namespace.equals(ROOT_NAMESPACE))
          && labels.entrySet().containsAll(policy.selector().entrySet())) {
        matching.add(policy);
      }
    }
    return matching;
  }

  /** To itself a workload is part of the mesh before it is an endpoint for others. */
  Mesh seenBy(Registration node) {
    for (Registration registration : registrations) {
      if (registration.nodeId().equals(node.nodeId())) {
        return this;
      }
    }
    List<Registration> all = new ArrayList<>(registrations);
    all.add(node);
    return new Mesh(trustDomain, outboundPolicy, config, all);
  }

  /** As in Istio the labels of a WorkloadEntry win over what the node says of itself. */
  Map<String, String> labels(Registration node) {
    for (OwnPort port : ownPorts(node)) {
      if (port.endpoint().nodeId().isEmpty()) {
        return port.endpoint().labels();
      }
    }
    return node.labels();
  }

  /** A port on which the node serves a service. */
  record OwnPort(Service service, ServicePort servicePort, Endpoint endpoint) {}

  /**
   * The node's own ports, each once: where two services share one, the first by host name has it.
   */
  List<OwnPort> ownPorts(Registration node) {
    Map<Integer, OwnPort> ports = new HashMap<>();
    Set<Integer> order = new LinkedHashSet<>();
    for (Service service : services) {
      if (!service.namespace().equals(node.namespace())) {
        continue;
      }
      for (ServicePort port : service.ports()) {
        for (Endpoint endpoint : service.endpoints(port)) {
          if (belongsTo(endpoint, node) && order.add(endpoint.port())) {
            ports.put(endpoint.port(), new OwnPort(service, port, endpoint));
          }
        }
      }
    }
    List<OwnPort> result = new ArrayList<>();
    order.stream().sorted().forEach(number -> result.add(ports.get(number)));
    return result;
  }

  /** On one machine many workloads share an address, so the ports that a node claims decide. */
  private static boolean belongsTo(Endpoint endpoint, Registration node) {
    if (!endpoint.nodeId().isEmpty()) {
      return endpoint.nodeId().equals(node.nodeId());
    }
    List<Registration.Port> claimed = node.ports();
    return node.addresses().contains(endpoint.address())
        && (endpoint.serviceAccount().isEmpty()
            || endpoint.serviceAccount().equals(node.serviceAccount()))
        && (claimed == null || claimed.stream().anyMatch(port -> port.number() == endpoint.port()));
  }
}
