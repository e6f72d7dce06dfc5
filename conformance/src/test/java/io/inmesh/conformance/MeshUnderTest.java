package io.inmesh.conformance;

import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallListener;
import io.inmesh.call.Exclusions;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.config.TablesListener;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.UpstreamListener;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The runtime's own path from resources to calls, without I/O: store, tables, clusters, engine. The
 * clock stands still and chance is repeatable, so that two of these can be compared draw by draw.
 */
final class MeshUnderTest implements TablesListener {
  static final long START_NANOS = 1_000_000_000L;

  long now = START_NANOS;
  final Map<String, String> refused;
  final Clusters clusters;
  final CallEngine calls;
  private final ConfigStore store;
  private SplittableRandom chance = new SplittableRandom(0);
  private @Nullable MeshTables tables;

  /**
   * @param nodeId {@code sidecar~ip~name.namespace~domain}
   */
  MeshUnderTest(Snapshot resources, String nodeId, ScheduledExecutorService scheduler) {
    clusters =
        new Clusters(
            new ClusterEnvironment(
                this::random,
                () -> now,
                UpstreamListener.NONE,
                name -> CompletableFuture.completedFuture(addresses(name)),
                scheduler));
    calls =
        new CallEngine(
            new CallEnvironment(clusters, this::random, CallListener.NONE),
            () -> tables,
            Exclusions.LOOPBACK);
    store = new ConfigStore(this, nodeId.substring(nodeId.lastIndexOf('~') + 1));
    refused = resources.feed(store);
  }

  /** Every name has two addresses, always the same. */
  private static List<String> addresses(String name) {
    int hash = Math.floorMod(name.hashCode(), 200);
    return List.of("203.0.113." + hash, "203.0.113." + (hash + 1));
  }

  MeshTables tables() {
    return Objects.requireNonNull(tables, "the resources gave no tables");
  }

  /** Chance and time start again. */
  void rewind(long seed) {
    chance = new SplittableRandom(seed);
    now = START_NANOS;
  }

  private long random() {
    return chance.nextLong();
  }

  @Override
  public void onCluster(ClusterConfig cluster) {
    clusters.put(cluster);
  }

  @Override
  public void onEndpoints(ClusterEndpoints endpoints) {
    clusters.endpoints(endpoints);
  }

  @Override
  public void onClusterRemoved(String name) {
    clusters.remove(name);
  }

  @Override
  public void onTables(MeshTables changed) {
    tables = changed;
  }

  @Override
  public void onSubscriptions() {
    // whoever has them is not part of it
    List.copyOf(store.secrets()).forEach(store::secretSettled);
  }
}
