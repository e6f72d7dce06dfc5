package io.inmesh.grpc.server;

import io.grpc.Attributes;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.inmesh.runtime.MeshServices;
import io.inmesh.runtime.RunningRequests;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the mesh closes: the health service says NOT_SERVING, callers are sent away with GOAWAY, and
 * the RPCs that run may end. A server that is gone by then costs nothing but this object.
 */
final class Drain extends ServerTransportFilter {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");

  private final HealthDuringDrain health = new HealthDuringDrain();
  private final RunningRequests running = new RunningRequests();
  private final Set<Arrival> connections =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
  private volatile @Nullable WeakReference<Server> built;

  Drain(MeshServices services) {
    services.onDrain(() -> run(services.drainLimit()));
  }

  HealthDuringDrain health() {
    return health;
  }

  /** RPCs that are being served, but for those of the health service: watchers never end. */
  RunningRequests running() {
    return running;
  }

  void of(Server server) {
    built = new WeakReference<>(server);
  }

  @Override
  public Attributes transportReady(Attributes transport) {
    Arrival arrival = transport.get(Arrival.KEY);
    if (arrival != null) {
      connections.add(arrival);
    }
    return transport;
  }

  @Override
  public void transportTerminated(@Nullable Attributes transport) {
    Arrival arrival = transport == null ? null : transport.get(Arrival.KEY);
    if (arrival != null) {
      connections.remove(arrival);
    }
  }

  private void run(Duration limit) {
    WeakReference<Server> reference = built;
    Server server = reference == null ? null : reference.get();
    if (connections.isEmpty() && (server == null || server.isTerminated())) {
      return;
    }
    health.drain();
    int port = server == null ? 0 : server.getPort();
    if (server != null) {
      server.shutdown();
    }
    for (Arrival arrival : connections.toArray(new Arrival[0])) {
      arrival.goAway().run();
    }
    boolean drained = running.awaitNone(limit);
    LOG.atInfo()
        .addKeyValue("port", port)
        .log(drained ? "drained" : "drained as far as the limit allowed; RPCs were still running");
  }
}
