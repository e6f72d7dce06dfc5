package io.inmesh.controlplane.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads ServiceEntry and WorkloadEntry. */
final class ServiceReader {
  private ServiceReader() {}

  static ServiceEntry serviceEntry(ObjectMeta meta, Fields spec) throws ConfigRefused {
    spec.atMostOne("endpoints", "workloadSelector");
    Value location = spec.get("location");
    if (location == null || !location.text().equals("MESH_INTERNAL")) {
      throw (location == null ? spec.owner() : location)
          .refused(
              "only location: MESH_INTERNAL is implemented (Istio's default is MESH_EXTERNAL)");
    }
    Value resolution = spec.get("resolution");
    if (resolution == null || !resolution.text().equals("STATIC")) {
      throw (resolution == null ? spec.owner() : resolution)
          .refused("only resolution: STATIC is implemented (Istio's default is NONE)");
    }
    List<String> hosts = new ArrayList<>();
    for (Value host : spec.require("hosts").nonEmptyList()) {
      hosts.add(Names.hostName(host));
    }
    List<String> addresses = new ArrayList<>();
    Value addressValues = spec.get("addresses");
    if (addressValues != null) {
      for (Value address : addressValues.nonEmptyList()) {
        addresses.add(Addresses.ip(address));
      }
    }
    List<ServicePort> ports = ports(spec.require("ports"), addresses.isEmpty());
    List<Workload> endpoints = new ArrayList<>();
    Value endpointValues = spec.get("endpoints");
    if (endpointValues != null) {
      for (Value endpoint : endpointValues.nonEmptyList()) {
        Fields fields = endpoint.map();
        endpoints.add(workload(fields, ports));
        fields.done();
      }
    }
    Map<String, String> selector = Map.of();
    Value selectorValue = spec.get("workloadSelector");
    if (selectorValue != null) {
      Fields fields = selectorValue.map();
      selector = labels(fields.require("labels"));
      fields.done();
      if (selector.isEmpty()) {
        throw selectorValue.refused(
            "an empty workloadSelector would choose every workload; give labels");
      }
    }
    Value sans = spec.get("subjectAltNames");
    ServiceEntry entry =
        new ServiceEntry(
            meta,
            List.copyOf(hosts),
            List.copyOf(addresses),
            ports,
            List.copyOf(endpoints),
            selector,
            visibility(spec),
            sans == null ? List.of() : sans.texts());
    spec.done();
    return entry;
  }

  private static List<ServicePort> ports(Value value, boolean noAddresses) throws ConfigRefused {
    List<ServicePort> ports = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    for (Value item : value.nonEmptyList()) {
      Fields fields = item.map();
      Value number = fields.require("number");
      Value name = fields.require("name");
      int portNumber = number.integer(1, 65535);
      String portName = Names.label(name);
      if (!seen.add(portNumber)) {
        throw number.refused("port " + portNumber + " is given twice");
      }
      if (!seen.add(portName)) {
        throw name.refused("the port name \"" + portName + "\" is given twice");
      }
      Protocol protocol = protocol(fields.require("protocol"));
      if (!protocol.isHttp() && noAddresses) {
        throw item.refused(
            "a "
                + protocol
                + " port needs spec.addresses: without one it would capture the port for every host");
      }
      Value target = fields.get("targetPort");
      ports.add(
          new ServicePort(
              portNumber,
              portName,
              protocol,
              target == null ? portNumber : target.integer(1, 65535)));
      fields.done();
    }
    return List.copyOf(ports);
  }

  private static Protocol protocol(Value value) throws ConfigRefused {
    String text = value.nonEmpty().toUpperCase(Locale.ROOT);
    for (Protocol protocol : Protocol.values()) {
      if (protocol.name().equals(text)) {
        return protocol;
      }
    }
    throw value.refused(
        "protocol \""
            + value.text()
            + "\" is not implemented; one of "
            + List.of(Protocol.values()));
  }

  static WorkloadEntry workloadEntry(ObjectMeta meta, Fields spec) throws ConfigRefused {
    Workload workload = workload(spec, List.of());
    spec.done();
    return new WorkloadEntry(meta, workload);
  }

  private static Workload workload(Fields fields, List<ServicePort> servicePorts)
      throws ConfigRefused {
    fields.notImplemented("network");
    String address = Addresses.ip(fields.require("address"));
    Map<String, Integer> ports = new LinkedHashMap<>();
    Value portValues = fields.get("ports");
    if (portValues != null) {
      for (Map.Entry<String, Value> port : portValues.map().all().entrySet()) {
        if (!servicePorts.isEmpty()
            && servicePorts.stream().noneMatch(p -> p.name().equals(port.getKey()))) {
          throw port.getValue().refused("the ServiceEntry has no port of that name");
        }
        ports.put(port.getKey(), port.getValue().integer(1, 65535));
      }
    }
    Value labels = fields.get("labels");
    Value locality = fields.get("locality");
    Value weight = fields.get("weight");
    Value account = fields.get("serviceAccount");
    return new Workload(
        address,
        Map.copyOf(ports),
        labels == null ? Map.of() : labels(labels),
        locality == null ? Locality.NONE : Locality.parse(locality.nonEmpty()),
        weight == null ? 1 : weight.integer(1, 1_000_000),
        account == null ? "" : Names.label(account));
  }

  static Map<String, String> labels(Value value) throws ConfigRefused {
    return Map.copyOf(value.textMap());
  }

  static Visibility visibility(Fields spec) throws ConfigRefused {
    Value value = spec.get("exportTo");
    if (value == null) {
      return Visibility.ALL;
    }
    Set<String> namespaces = new HashSet<>();
    for (Value item : value.nonEmptyList()) {
      String text = item.nonEmpty();
      namespaces.add(text.equals("*") || text.equals(".") ? text : Names.label(item));
    }
    return new Visibility(Set.copyOf(namespaces));
  }
}
