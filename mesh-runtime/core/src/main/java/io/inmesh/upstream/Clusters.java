package io.inmesh.upstream;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.ClusterEndpoints;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All clusters of the process, by name. {@link #find} and {@link #all} are lock-free, from any
 * thread; updates come from the configuration thread.
 */
public final class Clusters {
  private final ClusterEnvironment env;
  private final Map<String, Cluster> clusters = new ConcurrentHashMap<>();
  private final Map<String, ClusterEndpoints> endpoints = new HashMap<>();

  /** Who takes its hosts from an EDS name; nearly always one. */
  private final Map<String, List<Cluster>> followers = new HashMap<>();

  public Clusters(ClusterEnvironment env) {
    this.env = env;
  }

  public @Nullable Cluster find(String name) {
    return clusters.get(name);
  }

  /** For the admin interface; a live view. */
  public Collection<Cluster> all() {
    return Collections.unmodifiableCollection(clusters.values());
  }

  /** Adds a cluster or gives it new limits and policies; its hosts and counters are kept. */
  public synchronized void put(ClusterConfig config) {
    Cluster cluster = clusters.get(config.name());
    boolean added = cluster == null;
    if (cluster == null) {
      cluster = new Cluster(config, env);
    }
    boolean newSource =
        added
            || cluster.config().discovery() != config.discovery()
            || !cluster.config().edsName().equals(config.edsName());
    if (newSource && !added) {
      unfollow(cluster);
    }
    cluster.update(config);
    if (newSource) {
      follow(cluster);
    }
    ClusterEndpoints known = endpoints.get(config.edsName());
    if (newSource && config.discovery() == Discovery.EDS && known != null) {
      cluster.members(known.localities(), known.overprovisioningPercent());
    }
    if (added) {
      // published whole: nobody meets it between its configuration and its hosts
      clusters.put(config.name(), cluster);
    }
  }

  /** What EDS says of a name; kept when it comes before the cluster that asks for it. */
  public synchronized void endpoints(ClusterEndpoints update) {
    ClusterEndpoints before = endpoints.put(update.edsName(), update);
    if (update.equals(before)) {
      return;
    }
    for (Cluster cluster : followers.getOrDefault(update.edsName(), List.of())) {
      cluster.members(update.localities(), update.overprovisioningPercent());
    }
  }

  private void follow(Cluster cluster) {
    if (cluster.config().discovery() == Discovery.EDS) {
      List<Cluster> all =
          new ArrayList<>(followers.getOrDefault(cluster.config().edsName(), List.of()));
      all.add(cluster);
      followers.put(cluster.config().edsName(), List.copyOf(all));
    }
  }

  private void unfollow(Cluster cluster) {
    followers.computeIfPresent(
        cluster.config().edsName(),
        (name, all) -> {
          List<Cluster> others = all.stream().filter(other -> other != cluster).toList();
          return others.isEmpty() ? null : others;
        });
  }

  /** Requests in flight end as they may; new ones no longer find the cluster. */
  public synchronized void remove(String name) {
    Cluster cluster = clusters.remove(name);
    if (cluster == null) {
      return;
    }
    cluster.close();
    unfollow(cluster);
    if (!followers.containsKey(cluster.config().edsName())) {
      endpoints.remove(cluster.config().edsName());
    }
  }
}
