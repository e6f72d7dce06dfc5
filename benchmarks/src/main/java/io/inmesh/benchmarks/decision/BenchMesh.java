package io.inmesh.benchmarks.decision;

import com.google.protobuf.Message;
import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.Exclusions;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterEndpoints;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.config.TablesListener;
import io.inmesh.telemetry.CallLog;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.UpstreamListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The engine on configuration that went through the real store, and nothing else of a mesh: no
 * control plane, no threads, no sockets. With the log that every mesh has.
 */
final class BenchMesh implements TablesListener {
  private final Clusters clusters =
      new Clusters(
          new ClusterEnvironment(
              () -> ThreadLocalRandom.current().nextLong(),
              System::nanoTime,
              UpstreamListener.NONE,
              name -> new CompletableFuture<>(),
              new ScheduledThreadPoolExecutor(0)));
  private final ConfigStore store = new ConfigStore(this, "bench.svc.cluster.local");
  private volatile @Nullable MeshTables tables;

  CallEngine engine() {
    if (tables == null) {
      throw new IllegalStateException("no tables were put in force");
    }
    return new CallEngine(
        new CallEnvironment(
            clusters, () -> ThreadLocalRandom.current().nextLong(), new CallLog(System::nanoTime)),
        () -> tables,
        Exclusions.LOOPBACK);
  }

  /** As one state of the world; nothing of it may be refused. */
  <M extends Message> void apply(String type, List<M> messages, List<String> names) {
    List<ConfigResource> resources = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      resources.add(Protos.resource(names.get(i), messages.get(i)));
    }
    Map<String, String> refused = store.apply(type, resources, List.of(), true);
    if (!refused.isEmpty()) {
      throw new IllegalStateException("refused: " + refused);
    }
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
  public void onTables(MeshTables now) {
    tables = now;
  }

  @Override
  public void onSubscriptions() {}
}
