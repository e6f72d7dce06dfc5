package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.UpstreamHttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import io.inmesh.controlplane.config.TrafficPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code connectionPool} as circuit breakers, timeouts and protocol options of a cluster. */
final class ConnectionPools {
  static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  /** istiod writes the largest unsigned number where there is no limit. */
  private static final int UNLIMITED = -1;

  private ConnectionPools() {}

  /**
   * @param autoSni the server's name comes from the request, and its certificate must be for it
   */
  static void apply(
      Cluster.Builder cluster,
      TrafficPolicy.@Nullable ConnectionPool pool,
      boolean http2,
      boolean autoSni) {
    HttpProtocolOptions common = HttpProtocolOptions.getDefaultInstance();
    cluster.setCircuitBreakers(unlimited());
    if (pool != null) {
      cluster.setCircuitBreakers(
          breakers(
              orUnlimited(pool.maxConnections()),
              orUnlimited(pool.http1MaxPendingRequests()),
              orUnlimited(pool.http2MaxRequests()),
              orUnlimited(pool.maxRetries())));
      if (pool.connectTimeout() != null) {
        cluster.setConnectTimeout(Protos.duration(pool.connectTimeout()));
      }
      common = common(pool);
    }
    boolean nothingSaid = common.equals(HttpProtocolOptions.getDefaultInstance());
    if (nothingSaid && !http2 && !autoSni) {
      return;
    }
    var options =
        io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.newBuilder()
            .setExplicitHttpConfig(
                http2
                    ? ExplicitHttpConfig.newBuilder()
                        .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance())
                    : ExplicitHttpConfig.newBuilder()
                        .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()));
    if (!nothingSaid) {
      options.setCommonHttpProtocolOptions(common);
    }
    if (autoSni) {
      options.setUpstreamHttpProtocolOptions(
          UpstreamHttpProtocolOptions.newBuilder().setAutoSni(true).setAutoSanValidation(true));
    }
    cluster.putTypedExtensionProtocolOptions(HTTP_OPTIONS, Protos.any(options.build()));
  }

  static CircuitBreakers unlimited() {
    return breakers(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED);
  }

  private static HttpProtocolOptions common(TrafficPolicy.ConnectionPool pool) {
    HttpProtocolOptions.Builder common = HttpProtocolOptions.newBuilder();
    Duration idle = pool.httpIdleTimeout() != null ? pool.httpIdleTimeout() : pool.tcpIdleTimeout();
    if (idle != null) {
      common.setIdleTimeout(Protos.duration(idle));
    }
    if (pool.maxConnectionDuration() != null) {
      common.setMaxConnectionDuration(Protos.duration(pool.maxConnectionDuration()));
    }
    if (pool.maxRequestsPerConnection() > 0) {
      common.setMaxRequestsPerConnection(Protos.uint(pool.maxRequestsPerConnection()));
    }
    return common.build();
  }

  private static int orUnlimited(int limit) {
    return limit == 0 ? UNLIMITED : limit;
  }

  private static CircuitBreakers breakers(int connections, int pending, int requests, int retries) {
    return CircuitBreakers.newBuilder()
        .addThresholds(
            CircuitBreakers.Thresholds.newBuilder()
                .setMaxConnections(Protos.uint(connections))
                .setMaxPendingRequests(Protos.uint(pending))
                .setMaxRequests(Protos.uint(requests))
                .setMaxRetries(Protos.uint(retries))
                .setTrackRemaining(true))
        .build();
  }
}
