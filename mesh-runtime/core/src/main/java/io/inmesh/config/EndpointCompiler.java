package io.inmesh.config;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.inmesh.config.Endpoint.Health;
import io.inmesh.proto.envoy.config.core.v3.Address;
import io.inmesh.proto.envoy.config.core.v3.Metadata;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.endpoint.v3.LbEndpoint;
import io.inmesh.proto.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code ClusterLoadAssignment}, from EDS or inline in a cluster. */
final class EndpointCompiler {
  private static final int OVERPROVISIONING_PERCENT = 140;
  private static final int MOST_PRIORITIES = 128;

  private EndpointCompiler() {}

  /**
   * @param name what EDS was asked for
   * @throws ConfigException as Envoy refuses it: no address, a gap in the priorities
   */
  static ClusterEndpoints compile(String name, ClusterLoadAssignment proto) {
    List<LocalityEndpoints> localities =
        ConfigException.each("endpoints", proto.getEndpointsList(), EndpointCompiler::locality);
    boolean[] used = new boolean[MOST_PRIORITIES];
    int highest = -1;
    for (LocalityEndpoints locality : localities) {
      used[locality.priority()] = true;
      highest = Math.max(highest, locality.priority());
    }
    for (int priority = 0; priority < highest; priority++) {
      if (!used[priority]) {
        throw new ConfigException(
            "endpoints", "priority " + priority + " is left out, " + highest + " is there");
      }
    }
    var policy = proto.getPolicy();
    int overprovisioning =
        Values.number(
            policy.hasOverprovisioningFactor(),
            policy.getOverprovisioningFactor(),
            OVERPROVISIONING_PERCENT);
    if (overprovisioning == 0) {
      throw new ConfigException("policy.overprovisioning_factor", "must be greater than 0");
    }
    return new ClusterEndpoints(name, localities, overprovisioning);
  }

  private static LocalityEndpoints locality(LocalityLbEndpoints proto) {
    if (proto.getPriority() < 0 || proto.getPriority() >= MOST_PRIORITIES) {
      throw new ConfigException("priority", "must be at most " + (MOST_PRIORITIES - 1));
    }
    var locality = proto.getLocality();
    String name =
        locality.getRegion().isEmpty()
                && locality.getZone().isEmpty()
                && locality.getSubZone().isEmpty()
            ? ""
            : locality.getRegion() + "/" + locality.getZone() + "/" + locality.getSubZone();
    return new LocalityEndpoints(
        name,
        proto.getPriority(),
        Values.number(proto.hasLoadBalancingWeight(), proto.getLoadBalancingWeight(), 0),
        ConfigException.each(
            "lb_endpoints", proto.getLbEndpointsList(), EndpointCompiler::endpoint));
  }

  private static Endpoint endpoint(LbEndpoint proto) {
    int weight = Values.number(proto.hasLoadBalancingWeight(), proto.getLoadBalancingWeight(), 1);
    if (weight == 0) {
      throw new ConfigException("load_balancing_weight", "must be at least 1");
    }
    Address address = proto.getEndpoint().getAddress();
    String host;
    int port;
    switch (address.getAddressCase()) {
      case SOCKET_ADDRESS -> {
        host = address.getSocketAddress().getAddress();
        port = address.getSocketAddress().getPortValue();
        if (host.isEmpty() || port < 0 || port > 65535) {
          throw new ConfigException("endpoint.address", "needs an address and a port");
        }
      }
      case PIPE -> {
        // A Unix socket can be listed, not reached: no adapter connects to port 0.
        host = "unix:" + address.getPipe().getPath();
        port = 0;
      }
      case ENVOY_INTERNAL_ADDRESS -> {
        host = "internal:" + address.getEnvoyInternalAddress().getServerListenerName();
        port = 0;
      }
      default -> throw new ConfigException("endpoint.address", "is required");
    }
    return new Endpoint(
        host,
        port,
        proto.getEndpoint().getHostname(),
        health(proto),
        weight,
        labels(proto.getMetadata(), "envoy.transport_socket_match"),
        string(proto.getMetadata(), "istio", "workload"));
  }

  private static Health health(LbEndpoint proto) {
    return switch (proto.getHealthStatus()) {
      case UNKNOWN, HEALTHY -> Health.HEALTHY;
      case DEGRADED -> Health.DEGRADED;
      case UNHEALTHY, DRAINING, TIMEOUT -> Health.UNHEALTHY;
      case UNRECOGNIZED -> throw new ConfigException("health_status", "unknown value");
    };
  }

  static Map<String, String> labels(Metadata metadata, String namespace) {
    Struct struct = metadata.getFilterMetadataMap().get(namespace);
    return struct == null ? Map.of() : labels(struct);
  }

  /** Scalars as text; anything deeper never matches and is written as it prints. */
  static Map<String, String> labels(Struct struct) {
    if (struct.getFieldsCount() == 0) {
      return Map.of();
    }
    Map<String, String> labels = new HashMap<>();
    struct.getFieldsMap().forEach((key, value) -> labels.put(key, text(value)));
    return Map.copyOf(labels);
  }

  static String string(Metadata metadata, String namespace, String key) {
    Struct struct = metadata.getFilterMetadataMap().get(namespace);
    Value value = struct == null ? null : struct.getFieldsMap().get(key);
    return value == null ? "" : value.getStringValue();
  }

  private static String text(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      case NUMBER_VALUE -> String.valueOf(value.getNumberValue());
      default -> value.toString();
    };
  }
}
