package io.inmesh.telemetry;

import io.inmesh.config.PeerMetadata;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.EjectionReason;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.UpstreamListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the counters of one mesh are. Thread-safe. */
final class Recorder implements UpstreamListener {
  private final Metrics metrics;
  private final Map<String, ClusterStats> clusters = new ConcurrentHashMap<>();
  private final Map<String, HttpStats> managers = new ConcurrentHashMap<>();
  private final Peers peers = new Peers();
  private final PeerMetadata self;
  private final Supplier<@Nullable String> principal;

  /**
   * @param self this workload
   * @param principal SPIFFE name that new connections show; null: none
   */
  Recorder(Metrics metrics, PeerMetadata self, Supplier<@Nullable String> principal) {
    this.metrics = metrics;
    this.self = self;
    this.principal = principal;
  }

  Metrics metrics() {
    return metrics;
  }

  Peers peers() {
    return peers;
  }

  PeerMetadata self() {
    return self;
  }

  String principal() {
    String name = principal.get();
    return name == null ? "" : name;
  }

  ClusterStats cluster(Cluster cluster) {
    if (cluster.derived() instanceof Made made && made.owner == this) {
      return made.stats;
    }
    ClusterStats stats = cluster(cluster.name());
    cluster.derived(new Made(this, stats));
    return stats;
  }

  /** By name: counters outlive the cluster's configuration. */
  ClusterStats cluster(String name) {
    ClusterStats known = clusters.get(name);
    return known != null
        ? known
        : clusters.computeIfAbsent(name, n -> new ClusterStats(metrics, n));
  }

  HttpStats manager(String statPrefix) {
    HttpStats known = managers.get(statPrefix);
    return known != null
        ? known
        : managers.computeIfAbsent(statPrefix, prefix -> new HttpStats(metrics, prefix));
  }

  @Override
  public void ejected(Cluster cluster, Host host, EjectionReason reason, long nowNanos) {
    cluster(cluster).ejected(reason);
  }

  /** Several meshes may share no cluster, but tests do. */
  private record Made(Recorder owner, ClusterStats stats) {}
}
