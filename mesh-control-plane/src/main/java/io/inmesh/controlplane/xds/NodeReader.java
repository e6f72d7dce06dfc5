package io.inmesh.controlplane.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.nimbusds.jose.util.JSONArrayUtils;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Status;
import io.grpc.StatusException;
import io.inmesh.controlplane.config.Addresses;
import io.inmesh.controlplane.config.Locality;
import io.inmesh.controlplane.identity.SpiffeId;
import io.inmesh.controlplane.registry.Registration;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a sidecar says of itself, in Istio's metadata keys, and holds it against what it has
 * proven.
 */
final class NodeReader {
  private NodeReader() {}

  /**
   * @throws StatusException INVALID_ARGUMENT for a node that cannot be understood,
   *     PERMISSION_DENIED for one that is not who it says
   */
  static Registration read(Node node, SpiffeId caller) throws StatusException {
    String[] parts = node.getId().split("~", -1);
    if (node.getId().isEmpty()) {
      throw invalid("missing node information");
    }
    if (parts.length != 4) {
      throw invalid(
          "missing parts in the service node \""
              + node.getId()
              + "\" (sidecar~<ip>~<name>.<namespace>~<domain>)");
    }
    if (!parts[0].equals("sidecar")) {
      throw invalid("invalid node type \"" + parts[0] + "\" (valid types: [sidecar])");
    }
    Struct metadata = node.getMetadata();
    String namespace = text(metadata, "NAMESPACE", parts[3].split("\\.", 2)[0]);
    String account = text(metadata, "SERVICE_ACCOUNT", "");
    if (!caller.namespace().equals(namespace)
        || (!account.isEmpty() && !caller.serviceAccount().equals(account))) {
      throw Status.PERMISSION_DENIED
          .withDescription(
              "authorization failed: no identities (["
                  + caller
                  + "]) matched "
                  + namespace
                  + "/"
                  + account)
          .asException();
    }
    String pod = parts[2];
    String name =
        text(
            metadata,
            "NAME",
            pod.endsWith("." + namespace)
                ? pod.substring(0, pod.length() - namespace.length() - 1)
                : pod);
    List<String> addresses = new ArrayList<>();
    for (String address : text(metadata, "INSTANCE_IPS", parts[1]).split(",", -1)) {
      if (!address.isBlank()) {
        if (!Addresses.isIp(
            address.strip())) { // every client of the service would refuse the endpoint
          throw invalid("INSTANCE_IPS is not a list of IP addresses: " + address);
        }
        addresses.add(address.strip());
      }
    }
    io.envoyproxy.envoy.config.core.v3.Locality locality = node.getLocality();
    return new Registration(
        node.getId(),
        namespace,
        caller.serviceAccount(),
        name,
        labels(metadata),
        List.copyOf(addresses),
        ports(metadata),
        new Locality(locality.getRegion(), locality.getZone(), locality.getSubZone()));
  }

  private static Map<String, String> labels(Struct metadata) {
    Map<String, String> labels = new LinkedHashMap<>();
    Value value = metadata.getFieldsOrDefault("LABELS", Value.getDefaultInstance());
    value
        .getStructValue()
        .getFieldsMap()
        .forEach((name, label) -> labels.put(name, label.getStringValue()));
    return Map.copyOf(labels);
  }

  /** POD_PORTS is JSON inside a string: {@code [{"name":"http","containerPort":18081}]}. */
  private static @Nullable List<Registration.Port> ports(Struct metadata) throws StatusException {
    String json = text(metadata, "POD_PORTS", "");
    if (json.isEmpty()) {
      return null;
    }
    List<Registration.Port> ports = new ArrayList<>();
    try {
      for (Object item : JSONArrayUtils.parse(json)) {
        if (!(item instanceof Map<?, ?> port)
            || !(port.get("containerPort") instanceof Number number)) {
          throw invalid("POD_PORTS needs a containerPort in each entry: " + json);
        }
        if (number.intValue() < 1 || number.intValue() > 65535) {
          throw invalid("POD_PORTS has a port outside 1 to 65535: " + json);
        }
        Object name = port.get("name");
        ports.add(new Registration.Port(name == null ? "" : name.toString(), number.intValue()));
      }
    } catch (ParseException e) {
      throw invalid("POD_PORTS is not a JSON list: " + json);
    }
    return List.copyOf(ports);
  }

  private static String text(Struct metadata, String name, String otherwise) {
    String value = metadata.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue();
    return value.isEmpty() ? otherwise : value;
  }

  private static StatusException invalid(String reason) {
    return Status.INVALID_ARGUMENT.withDescription(reason).asException();
  }
}
