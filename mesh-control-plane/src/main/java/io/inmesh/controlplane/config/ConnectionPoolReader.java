package io.inmesh.controlplane.config;

import io.inmesh.controlplane.config.TrafficPolicy.ConnectionPool;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads {@code connectionPool} of a DestinationRule or a Sidecar. */
final class ConnectionPoolReader {
  private ConnectionPoolReader() {}

  static ConnectionPool read(Fields fields) throws ConfigRefused {
    Value tcpValue = fields.get("tcp");
    Value httpValue = fields.get("http");
    fields.done();
    int maxConnections = 0;
    Duration connect = null;
    Duration lifetime = null;
    Duration tcpIdle = null;
    if (tcpValue != null) {
      Fields tcp = tcpValue.map();
      tcp.notImplemented("tcpKeepalive");
      maxConnections = limit(tcp.get("maxConnections"));
      connect = duration(tcp.get("connectTimeout"));
      lifetime = duration(tcp.get("maxConnectionDuration"));
      tcpIdle = duration(tcp.get("idleTimeout"));
      tcp.done();
    }
    if (httpValue == null) {
      return new ConnectionPool(
          maxConnections, connect, lifetime, tcpIdle, 0, 0, 0, 0, null, false);
    }
    Fields http = httpValue.map();
    http.notImplemented("useClientProtocol", "http2KeepAlive", "maxConcurrentStreams");
    Value upgrade = http.get("h2UpgradePolicy");
    boolean upgradeToHttp2 = false;
    if (upgrade != null) {
      upgradeToHttp2 =
          switch (upgrade.text()) {
            case "UPGRADE" -> true;
            case "DEFAULT", "DO_NOT_UPGRADE" -> false;
            default -> throw upgrade.refused("one of DEFAULT, DO_NOT_UPGRADE, UPGRADE is needed");
          };
    }
    ConnectionPool pool =
        new ConnectionPool(
            maxConnections,
            connect,
            lifetime,
            tcpIdle,
            limit(http.get("http1MaxPendingRequests")),
            limit(http.get("http2MaxRequests")),
            limit(http.get("maxRequestsPerConnection")),
            limit(http.get("maxRetries")),
            duration(http.get("idleTimeout")),
            upgradeToHttp2);
    http.done();
    return pool;
  }

  private static int limit(@Nullable Value value) throws ConfigRefused {
    return value == null ? 0 : value.integer(1, Integer.MAX_VALUE);
  }

  static @Nullable Duration duration(@Nullable Value value) throws ConfigRefused {
    if (value == null) {
      return null;
    }
    Duration duration = value.duration();
    if (duration.toMillis() < 1) {
      throw value.refused("must be at least 1ms");
    }
    return duration;
  }
}
