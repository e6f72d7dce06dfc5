package io.inmesh.runtime;

import io.inmesh.config.ClusterEndpoints;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.EjectionReason;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.UpstreamListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what happens to hosts. Logger {@code io.inmesh.upstream}. */
final class UpstreamLog implements UpstreamListener {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.upstream");

  private final UpstreamListener also;

  /**
   * @param also told as well
   */
  UpstreamLog(UpstreamListener also) {
    this.also = also;
  }

  static void inForce(ClusterEndpoints endpoints) {
    if (LOG.isDebugEnabled()) {
      LOG.atDebug()
          .addKeyValue("cluster", endpoints.edsName())
          .addKeyValue(
              "endpoints",
              endpoints.localities().stream().mapToInt(l -> l.endpoints().size()).sum())
          .log("endpoints in force");
    }
  }

  @Override
  public void ejected(Cluster cluster, Host host, EjectionReason reason, long nowNanos) {
    also.ejected(cluster, host, reason, nowNanos);
    LOG.atWarn()
        .addKeyValue("cluster", cluster.config().name())
        .addKeyValue("host", host.address())
        .addKeyValue("reason", reason)
        .addKeyValue("ejections", host.ejections())
        .log("outlier detection ejected {}", host.address());
  }

  @Override
  public void returned(Cluster cluster, Host host, long nowNanos) {
    also.returned(cluster, host, nowNanos);
    LOG.atInfo()
        .addKeyValue("cluster", cluster.config().name())
        .addKeyValue("host", host.address())
        .log("{} is back after its ejection", host.address());
  }

  @Override
  public void resolutionFailed(Cluster cluster, String name, Throwable cause) {
    LOG.atWarn()
        .addKeyValue("cluster", cluster.config().name())
        .addKeyValue("name", name)
        .addKeyValue("cause", cause.toString())
        .log("{} cannot be resolved; the last known addresses stay", name);
  }
}
