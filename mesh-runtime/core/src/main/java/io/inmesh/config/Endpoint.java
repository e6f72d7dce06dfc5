package io.inmesh.config;

import java.util.Map;

/**
 * {@code LbEndpoint}.
 *
 * @param host IP address, or a name to be resolved in DNS clusters
 * @param hostname {@code endpoint.hostname}; empty when missing
 * @param weight {@code load_balancing_weight}; 1 when missing
 * @param socketMatch {@code metadata.envoy.transport_socket_match}: selects the transport socket
 * @param workload {@code metadata.istio.workload}; empty when missing
 */
public record Endpoint(
    String host,
    int port,
    String hostname,
    Health health,
    int weight,
    Map<String, String> socketMatch,
    String workload) {

  /** {@code HealthStatus}; UNKNOWN counts as healthy, DRAINING, UNHEALTHY and TIMEOUT as not. */
  public enum Health {
    HEALTHY,
    DEGRADED,
    UNHEALTHY
  }

  /** {@code ip:port}, with brackets around IPv6. */
  public String address() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
