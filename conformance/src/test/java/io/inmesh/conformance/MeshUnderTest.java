package io.inmesh.conformance;

import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallListener;
import io.inmesh.call.Exclusions;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.runtime.Switchboard;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.UpstreamListener;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The runtime's own path from resources to calls, without I/O: store, tables, clusters, engine. The
 * clock stands still and chance is repeatable, so that two of these can be compared draw by draw.
 */
final class MeshUnderTest {
  static final long START_NANOS = 1_000_000_000L;

  long now = START_NANOS;
  final Map<String, String> refused;
  final Clusters clusters;
  final CallEngine calls;
  private final ConfigStore store;
  private SplittableRandom chance = new SplittableRandom(0);
  private final Switchboard inForce;

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
    inForce = new Switchboard(clusters, this::settleSecrets);
    calls =
        new CallEngine(
            new CallEnvironment(clusters, this::random, CallListener.NONE),
            inForce::tables,
            Exclusions.LOOPBACK);
    store = new ConfigStore(inForce, nodeId.substring(nodeId.lastIndexOf('~') + 1));
    refused = resources.feed(store);
  }

  /** Every name has two addresses, always the same. */
  private static List<String> addresses(String name) {
    int hash = Math.floorMod(name.hashCode(), 200);
    return List.of("203.0.113." + hash, "203.0.113." + (hash + 1));
  }

  MeshTables tables() {
    return Objects.requireNonNull(inForce.tables(), "the resources gave no tables");
  }

  /** Chance and time start again. */
  void rewind(long seed) {
    chance = new SplittableRandom(seed);
    now = START_NANOS;
  }

  private long random() {
    return chance.nextLong();
  }

  /** Whoever has the secrets is not part of it. */
  private void settleSecrets() {
    List.copyOf(store.secrets()).forEach(store::secretSettled);
  }
}
