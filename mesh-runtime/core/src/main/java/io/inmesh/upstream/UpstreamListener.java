package io.inmesh.upstream;

/**
 * Told of what happens to hosts, for logs and metrics. Called on the thread that caused it, which
 * may be a request's: must not block.
 */
public interface UpstreamListener {
  UpstreamListener NONE = new UpstreamListener() {};

  /** Outlier detection took the host out of load balancing. */
  default void ejected(Cluster cluster, Host host, EjectionReason reason, long nowNanos) {}

  /** An ejected host is back. */
  default void returned(Cluster cluster, Host host, long nowNanos) {}

  /** A name of a DNS cluster could not be resolved; the last known addresses stay. */
  default void resolutionFailed(Cluster cluster, String name, Throwable cause) {}
}
