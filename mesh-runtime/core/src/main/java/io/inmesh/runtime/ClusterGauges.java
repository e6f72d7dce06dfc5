package io.inmesh.runtime;

import io.inmesh.config.CircuitBreakers;
import io.inmesh.config.Endpoint;
import io.inmesh.telemetry.EnvoyScope;
import io.inmesh.telemetry.Gauges;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.Host;
import java.util.function.Consumer;

/** Envoy's gauges of clusters: members, ejections, breakers. */
final class ClusterGauges implements Consumer<Gauges> {
  private final Clusters clusters;

  ClusterGauges(Clusters clusters) {
    this.clusters = clusters;
  }

  @Override
  public void accept(Gauges gauges) {
    clusters.all().forEach(cluster -> cluster(gauges, cluster));
    gauges.envoy(EnvoyScope.plain("cluster_manager"), "active_clusters", clusters.all().size());
  }

  private static void cluster(Gauges gauges, Cluster cluster) {
    EnvoyScope scope = EnvoyScope.cluster(cluster.name());
    long now = System.nanoTime();
    int healthy = 0;
    int degraded = 0;
    for (Host host : cluster.hosts()) {
      boolean out = host.ejected(now);
      healthy += !out && host.health() == Endpoint.Health.HEALTHY ? 1 : 0;
      degraded += !out && host.health() == Endpoint.Health.DEGRADED ? 1 : 0;
    }
    gauges.envoy(scope, "membership_total", cluster.hosts().size());
    gauges.envoy(scope, "membership_healthy", healthy);
    gauges.envoy(scope, "membership_degraded", degraded);
    gauges.envoy(scope, "outlier_detection.ejections_active", cluster.ejectedHosts());
    gauges.envoy(
        scope, "upstream_rq_active", cluster.activeRequests(false) + cluster.activeRequests(true));
    gauges.envoy(
        scope,
        "upstream_rq_pending_active",
        cluster.pendingRequests(false) + cluster.pendingRequests(true));
    breaker(gauges, scope, "default", cluster, false, cluster.config().breakers());
    breaker(gauges, scope, "high", cluster, true, cluster.config().highPriorityBreakers());
  }

  private static void breaker(
      Gauges gauges,
      EnvoyScope scope,
      String priority,
      Cluster cluster,
      boolean high,
      CircuitBreakers limits) {
    String of = "circuit_breakers." + priority + ".";
    gauges.envoy(
        scope, of + "rq_open", cluster.activeRequests(high) >= limits.maxRequests() ? 1 : 0);
    gauges.envoy(
        scope,
        of + "rq_pending_open",
        cluster.pendingRequests(high) >= limits.maxPendingRequests() ? 1 : 0);
    gauges.envoy(
        scope, of + "rq_retry_open", cluster.activeRetries(high) >= limits.maxRetries() ? 1 : 0);
  }
}
