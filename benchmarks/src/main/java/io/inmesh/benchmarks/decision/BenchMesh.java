package io.inmesh.benchmarks.decision;

import com.google.protobuf.Message;
import io.inmesh.benchmarks.Protos;
import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.Exclusions;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.runtime.Switchboard;
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

/**
 * The engine on configuration that went through the real store, and nothing else of a mesh: no
 * control plane, no threads, no sockets. With the log that every mesh has.
 */
final class BenchMesh {
  private final Clusters clusters =
      new Clusters(
          new ClusterEnvironment(
              () -> ThreadLocalRandom.current().nextLong(),
              System::nanoTime,
              UpstreamListener.NONE,
              name -> new CompletableFuture<>(),
              new ScheduledThreadPoolExecutor(0)));
  private final Switchboard inForce = new Switchboard(clusters, () -> {});
  private final ConfigStore store = new ConfigStore(inForce, "bench.svc.cluster.local");

  CallEngine engine() {
    if (inForce.tables() == null) {
      throw new IllegalStateException("no tables were put in force");
    }
    return new CallEngine(
        new CallEnvironment(
            clusters, () -> ThreadLocalRandom.current().nextLong(), new CallLog(System::nanoTime)),
        inForce::tables,
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
}
