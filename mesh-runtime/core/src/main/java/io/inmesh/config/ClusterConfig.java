package io.inmesh.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code Cluster}. Times in nanoseconds, 0 = none.
 *
 * @param discovery where its hosts come from
 * @param edsName name to ask EDS for ({@code service_name}, else the cluster's name); only for EDS
 * @param endpoints {@code load_assignment}: addresses (STATIC) or names to resolve (STRICT_DNS,
 *     LOGICAL_DNS)
 * @param lb load-balancing policy and its parameters
 * @param connectTimeoutNanos {@code connect_timeout}; 5 s when missing
 * @param outlier null: no outlier detection
 * @param sockets which transport socket an endpoint gets
 * @param protocol what HTTP version is spoken to the upstream
 * @param idleNanos {@code common_http_protocol_options.idle_timeout}; 1 h when missing
 * @param maxRequestsPerConnection 0: no limit
 * @param dns how names are resolved
 * @param autoNames what of the server's name comes from the request
 * @param service {@code metadata.istio.services[0].host}; empty when not Istio's
 * @param serviceName {@code name} of the same: what Istio's metrics call it
 * @param notYet not null: requests to this cluster get 503 (403 where it protects) with the reason
 */
public record ClusterConfig(
    String name,
    Discovery discovery,
    String edsName,
    List<LocalityEndpoints> endpoints,
    LoadBalancing lb,
    long connectTimeoutNanos,
    CircuitBreakers breakers,
    CircuitBreakers highPriorityBreakers,
    @Nullable OutlierDetection outlier,
    TransportSockets sockets,
    UpstreamProtocol protocol,
    long idleNanos,
    long maxRequestsPerConnection,
    DnsLookup dns,
    AutoNames autoNames,
    String service,
    String serviceName,
    @Nullable NotYet notYet) {

  /** {@code auto_sni} and {@code auto_san_validation}. */
  public record AutoNames(boolean sni, boolean san) {
    public static final AutoNames NONE = new AutoNames(false, false);
  }

  /** {@code DiscoveryType}. */
  public enum Discovery {
    EDS,
    STATIC,
    STRICT_DNS,
    LOGICAL_DNS,
    ORIGINAL_DST
  }

  /**
   * {@code HttpProtocolOptions}: explicit HTTP/1.1, explicit HTTP/2, or whatever the caller speaks.
   */
  public enum UpstreamProtocol {
    HTTP11,
    HTTP2,
    DOWNSTREAM
  }
}
