package io.inmesh.controlplane.config;

import io.inmesh.controlplane.config.ServiceEntry.Resolution;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads ServiceEntry and WorkloadEntry. */
final class ServiceReader {
  private enum Location {
    MESH_EXTERNAL,
    MESH_INTERNAL
  }

  private ServiceReader() {}

  static ServiceEntry serviceEntry(ObjectMeta meta, Fields spec) throws ConfigRefused {
    spec.atMostOne("endpoints", "workloadSelector");
    Value location = spec.get("location");
    boolean external = location == null || location.oneOf(Location.class) == Location.MESH_EXTERNAL;
    Value resolutionValue = spec.get("resolution");
    Resolution resolution =
        resolutionValue == null ? Resolution.NONE : resolutionValue.oneOf(Resolution.class);
    List<String> hosts = new ArrayList<>();
    for (Value host : spec.require("hosts").nonEmptyList()) {
      boolean wildcard = resolution == Resolution.NONE && host.text().startsWith("*.");
      hosts.add(wildcard ? Names.wildcard(host) : Names.hostName(host));
    }
    List<String> addresses = new ArrayList<>();
    Value addressValues = spec.get("addresses");
    if (addressValues != null) {
      for (Value address : addressValues.nonEmptyList()) {
        boolean block = resolution == Resolution.NONE && address.text().contains("/");
        addresses.add(block ? Addresses.cidr(address) : Addresses.ip(address));
      }
    }
    List<ServicePort> ports = ports(spec.require("ports"), addresses.isEmpty());
    List<Workload> endpoints = new ArrayList<>();
    Value endpointValues = spec.get("endpoints");
    if (endpointValues != null) {
      if (resolution == Resolution.NONE) {
        throw endpointValues.refused("contradicts resolution NONE, Istio's default");
      }
      for (Value endpoint : endpointValues.nonEmptyList()) {
        Fields fields = endpoint.map();
        endpoints.add(workload(fields, ports, resolution));
        fields.done();
      }
      if (resolution == Resolution.DNS_ROUND_ROBIN && endpoints.size() > 1) {
        throw endpointValues.refused("DNS_ROUND_ROBIN takes one endpoint");
      }
    }
    Map<String, String> selector = Map.of();
    Value selectorValue = spec.get("workloadSelector");
    if (selectorValue != null) {
      if (resolution != Resolution.STATIC) {
        throw selectorValue.refused("needs resolution: STATIC");
      }
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
            external,
            resolution,
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
      ServicePort port = port(item, true);
      if (!seen.add(port.number())) {
        throw item.refused("port " + port.number() + " is given twice");
      }
      if (!seen.add(port.name())) {
        throw item.refused("the port name \"" + port.name() + "\" is given twice");
      }
      if (port.protocol() == Protocol.TCP && noAddresses) {
        throw item.refused(
            "a TCP port needs spec.addresses: without one it would capture the port for every host");
      }
      ports.add(port);
    }
    return List.copyOf(ports);
  }

  /** {@code {number, name, protocol, targetPort}}. */
  static ServicePort port(Value item, boolean ofService) throws ConfigRefused {
    Fields fields = item.map();
    int number = fields.require("number").integer(1, 65535);
    String name = Names.label(fields.require("name"));
    Protocol protocol = protocol(fields.require("protocol"));
    Value target = ofService ? fields.get("targetPort") : null;
    fields.done();
    return new ServicePort(
        number, name, protocol, target == null ? number : target.integer(1, 65535));
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
    Workload workload = workload(spec, List.of(), Resolution.STATIC);
    spec.done();
    return new WorkloadEntry(meta, workload);
  }

  private static Workload workload(
      Fields fields, List<ServicePort> servicePorts, Resolution resolution) throws ConfigRefused {
    fields.notImplemented("network");
    String address = address(fields, !servicePorts.isEmpty(), resolution);
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

  private static String address(Fields fields, boolean ofService, Resolution resolution)
      throws ConfigRefused {
    Value value = fields.require("address");
    String text = value.nonEmpty();
    if (resolution.dns()) {
      return Addresses.isIp(text) ? text : Names.hostName(value);
    }
    if (ofService && text.startsWith("unix:///")) {
      if (fields.get("ports") != null) {
        throw value.refused("a unix socket has no ports");
      }
      return text;
    }
    return Addresses.ip(value);
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
