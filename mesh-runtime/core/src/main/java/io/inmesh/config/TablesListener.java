package io.inmesh.config;

/**
 * Takes what the {@link ConfigStore} has put in force, on the configuration thread. Clusters come
 * before the tables that lead to them, and endpoints right after their cluster.
 */
public interface TablesListener {
  /** A cluster is new or has changed. */
  void onCluster(ClusterConfig cluster);

  /** For every cluster with that {@code edsName}; follows {@link #onCluster} and each change. */
  void onEndpoints(ClusterEndpoints endpoints);

  void onClusterRemoved(String name);

  /** New tables; calls that are under way keep theirs. */
  void onTables(MeshTables tables);

  /** The names that RDS, EDS and SDS should be asked for have changed. */
  void onSubscriptions();
}
