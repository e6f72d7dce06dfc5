package io.inmesh.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.admin.v3.HostStatus}, as far as it is shown.
 *
 * @param health {@code HEALTHY}, {@code DEGRADED}, {@code UNHEALTHY} or what else EDS says
 * @param ejected by outlier detection
 * @param active requests under way
 */
record HostStatus(
    String address,
    String hostname,
    String health,
    boolean ejected,
    long weight,
    long priority,
    long active) {

  static List<HostStatus> of(@Nullable Object cluster) {
    return Json.list(Json.get(cluster, "host_statuses")).stream().map(HostStatus::host).toList();
  }

  private static HostStatus host(@Nullable Object tree) {
    Object health = Json.get(tree, "health_status");
    String eds = Json.string(Json.get(health, "eds_health_status"));
    long active = 0;
    for (Object stat : Json.list(Json.get(tree, "stats"))) {
      if (Json.string(Json.get(stat, "name")).equals("rq_active")) {
        active = Json.number(Json.get(stat, "value"));
      }
    }
    return new HostStatus(
        address(Json.get(tree, "address")),
        Json.string(Json.get(tree, "hostname")),
        eds.isEmpty() ? "HEALTHY" : eds,
        Json.string(Json.get(health, "failed_outlier_check")).equals("true"),
        Math.max(1, Json.number(Json.get(tree, "weight"))),
        Json.number(Json.get(tree, "priority")),
        active);
  }

  private static String address(@Nullable Object address) {
    Object socket = Json.get(address, "socket_address");
    if (socket == null) {
      Map<String, @Nullable Object> pipe = Json.map(Json.get(address, "pipe"));
      return "unix:" + Json.string(pipe.get("path"));
    }
    String host = Json.string(Json.get(socket, "address"));
    String port = Json.string(Json.get(socket, "port_value"));
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Whether calls are sent there while others are usable as well. */
  boolean usable() {
    return !ejected && !health.equals("UNHEALTHY");
  }
}
