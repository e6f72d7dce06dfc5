package io.inmesh.controlplane.config;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A trafficPolicy; a part that is null is inherited. Port-level settings replace the whole part, as
 * in Istio.
 */
public record TrafficPolicy(
    @Nullable LoadBalancer loadBalancer,
    @Nullable ConnectionPool connectionPool,
    @Nullable OutlierDetection outlierDetection,
    @Nullable Tls tls,
    Map<Integer, TrafficPolicy> ports) {
  static final TrafficPolicy NONE = new TrafficPolicy(null, null, null, null, Map.of());

  /** This policy with a subset's own parts laid over it. */
  public TrafficPolicy overriddenBy(TrafficPolicy subset) {
    return new TrafficPolicy(
        subset.loadBalancer != null ? subset.loadBalancer : loadBalancer,
        subset.connectionPool != null ? subset.connectionPool : connectionPool,
        subset.outlierDetection != null ? subset.outlierDetection : outlierDetection,
        subset.tls != null ? subset.tls : tls,
        subset.ports.isEmpty() ? ports : subset.ports);
  }

  /**
   * What holds for one port. Istio does not mix: a port entry stands for itself, what it lacks has
   * its default.
   */
  public TrafficPolicy forPort(int port) {
    TrafficPolicy own = ports.get(port);
    return own == null ? this : own;
  }

  /** The balancer. */
  public record LoadBalancer(Simple simple, @Nullable ConsistentHash hash) {
    /** {@code simple}; LEAST_REQUEST when nothing is said. */
    public enum Simple {
      LEAST_REQUEST,
      ROUND_ROBIN,
      RANDOM
    }
  }

  /**
   * One of header, cookie, source address, query parameter is given. {@code tableSize} over 0 means
   * Maglev.
   */
  public record ConsistentHash(
      String header,
      String cookie,
      String cookiePath,
      @Nullable Duration cookieTtl,
      boolean sourceIp,
      String queryParameter,
      long minimumRingSize,
      long tableSize) {}

  /** 0 means no limit of its own. */
  public record ConnectionPool(
      int maxConnections,
      @Nullable Duration connectTimeout,
      @Nullable Duration maxConnectionDuration,
      @Nullable Duration tcpIdleTimeout,
      int http1MaxPendingRequests,
      int http2MaxRequests,
      int maxRequestsPerConnection,
      int maxRetries,
      @Nullable Duration httpIdleTimeout,
      boolean upgradeToHttp2) {}

  /** Null or -1 means Envoy's default. */
  public record OutlierDetection(
      int consecutive5xx,
      int consecutiveGatewayErrors,
      boolean splitLocalOrigin,
      int consecutiveLocalOriginFailures,
      @Nullable Duration interval,
      @Nullable Duration baseEjectionTime,
      int maxEjectionPercent,
      int minHealthPercent) {}

  /**
   * Explicit TLS. Names of files are those of the workload, empty where not given.
   *
   * @param caCertificates empty: the platform's roots
   */
  public record Tls(
      Mode mode,
      String sni,
      java.util.List<String> subjectAltNames,
      String clientCertificate,
      String privateKey,
      String caCertificates) {

    /** {@code mode}. */
    public enum Mode {
      DISABLE,
      /** TLS of its own, without a certificate of ours. */
      SIMPLE,
      /** With a certificate of ours from files. */
      MUTUAL,
      ISTIO_MUTUAL
    }

    /** Whether the workload's mesh identity is shown. */
    public boolean mesh() {
      return mode == Mode.ISTIO_MUTUAL;
    }

    /** Whether TLS is spoken to something that is not of the mesh. */
    public boolean originates() {
      return mode == Mode.SIMPLE || mode == Mode.MUTUAL;
    }
  }
}
