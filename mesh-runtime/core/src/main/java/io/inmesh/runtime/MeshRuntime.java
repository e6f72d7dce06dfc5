package io.inmesh.runtime;

import io.inmesh.Mesh;
import io.inmesh.MeshException;
import io.inmesh.MeshStatus;
import io.inmesh.Setting;
import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallFactory;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.driver.DriverEnvironment;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.InboundTlsContexts;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.telemetry.CallLog;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.JdkHostResolver;
import io.inmesh.xds.AdsClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running mesh: every part, put together. */
final class MeshRuntime implements Mesh, MeshServices {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh");

  private final DriverEnvironment drivers = DriverEnvironment.create();
  private final IdentityStore identity = new IdentityStore();
  private final Clusters clusters;
  private final Switchboard switchboard;
  private final ConfigurationStream stream;
  private final ConfiguredExclusions exclusions;
  private final CallEngine calls;
  private final OutboundSecurity outbound;
  private final InboundTlsContexts inboundContexts;
  private final InboundSecurity inbound;
  private final Adapters adapters;
  private final CopyOnWriteArrayList<Runnable> drainHooks = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable AutoCloseable identitySource;
  private @Nullable AdsClient ads;
  private final Duration drainLimit;
  private volatile boolean draining;
  private boolean identityWanted;

  private MeshRuntime(Settings settings) {
    this.drainLimit = settings.duration(Setting.DRAIN_LIMIT);
    RandomBits random = new RandomBits();
    this.adapters = Adapters.load();
    this.clusters =
        new Clusters(
            new ClusterEnvironment(
                random,
                drivers.nanos(),
                new UpstreamLog(),
                new JdkHostResolver(drivers.workers()),
                drivers.timer()));
    this.switchboard = new Switchboard(clusters, this::resubscribe);
    this.stream =
        new ConfigurationStream(
            new ConfigStore(
                switchboard, settings.require(Setting.NAMESPACE) + ".svc.cluster.local"));
    this.exclusions = new ConfiguredExclusions(settings);
    this.calls =
        new CallEngine(
            new CallEnvironment(clusters, random, new CallLog(drivers.nanos())),
            switchboard::tables,
            exclusions);
    this.outbound = new OutboundSecurity(new OutboundTls(identity, Clock.systemUTC()));
    this.inboundContexts = new InboundTlsContexts(identity, Clock.systemUTC());
    this.inbound = new InboundSecurity(switchboard::tables, inboundContexts, identity);
  }

  static Mesh start(Settings settings) {
    LOG.atDebug().log("settings:\n{}", settings.describe());
    LibraryVersions.check();
    MeshRuntime mesh = new MeshRuntime(settings);
    try {
      mesh.run(settings);
      return mesh;
    } catch (RuntimeException e) {
      mesh.close();
      throw e;
    }
  }

  private void run(Settings settings) {
    long started = System.nanoTime();
    Duration limit = settings.duration(Setting.START_LIMIT);
    String then = settings.require(Setting.ON_START_LIMIT);
    if (!then.equals("fail") && !then.equals("wait")) {
      throw settings.wrong(Setting.ON_START_LIMIT, then, "fail or wait");
    }
    identitySource = IdentityRuntime.start(settings, identity, drivers.timer());
    identityWanted = identitySource != null;
    AdsClient client =
        AdsClient.builder(ControlPlanes.of(settings, identity), stream)
            .node(Nodes.of(settings))
            .build();
    ads = client;
    stream.start(client);
    String missing = await(limit.toNanos());
    if (missing != null && then.equals("fail")) {
      throw new MeshException(
          "the mesh has not started within "
              + limit
              + ": "
              + missing
              + " (control plane "
              + settings.require(Setting.CONTROL_PLANE)
              + ")");
    }
    WorkloadIdentity now = identity.current();
    LOG.atInfo()
        .addKeyValue("identity", now == null ? "none" : now.spiffeId())
        .addKeyValue("control_plane", settings.require(Setting.CONTROL_PLANE))
        .addKeyValue("start_ms", (System.nanoTime() - started) / 1_000_000)
        .log(missing == null ? "in the mesh" : "started, still waiting: " + missing);
  }

  /** What is still missing after that time, in words; null: nothing. */
  private @Nullable String await(long nanos) {
    long end = System.nanoTime() + nanos;
    try {
      if (identityWanted) {
        identity.awaitFirst(Duration.ofNanos(nanos));
      }
      if (!switchboard.awaitFirst(Math.max(1, end - System.nanoTime()))) {
        String failure = stream.lastFailure();
        return "no complete configuration" + (failure == null ? "" : "; " + failure);
      }
      return null;
    } catch (IdentityUnavailableException e) {
      return e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeshException("interrupted while the mesh started", e);
    }
  }

  private void resubscribe() {
    stream.resubscribe();
  }

  @Override
  public <T> T wrap(Class<T> type, T target) {
    if (closed.get()) {
      throw new MeshException("the mesh is closed");
    }
    return adapters.wrap(type, target, this);
  }

  @Override
  public void bypass(String destination, boolean on) {
    exclusions.bypass(destination, on);
    LOG.atWarn()
        .addKeyValue("destination", destination)
        .log(
            on
                ? "calls to {} bypass the mesh from now on"
                : "calls to {} go through the mesh again",
            destination);
  }

  @Override
  public MeshStatus status() {
    MeshTables tables = switchboard.tables();
    WorkloadIdentity now = identity.current();
    AdsClient client = ads;
    String failure = identity.lastFailure() != null ? identity.lastFailure() : stream.lastFailure();
    return new MeshStatus(
        true,
        tables != null && (!identityWanted || identity.valid(Clock.systemUTC().instant())),
        client != null && client.state().connected(),
        now == null ? null : now.spiffeId().toString(),
        now == null ? null : now.notAfter(),
        tables == null ? 0 : tables.version(),
        failure);
  }

  @Override
  public CallFactory calls() {
    return calls;
  }

  @Override
  public DriverEnvironment drivers() {
    return drivers;
  }

  @Override
  public OutboundSecurity outbound() {
    return outbound;
  }

  @Override
  public InboundSecurity inbound() {
    return inbound;
  }

  @Override
  public Duration drainLimit() {
    return drainLimit;
  }

  @Override
  public Runnable onDrain(Runnable hook) {
    drainHooks.add(hook);
    return () -> drainHooks.remove(hook);
  }

  @Override
  public boolean draining() {
    return draining;
  }

  /**
   * First the control plane learns that we go, so that nobody sends more; then servers drain; then
   * the rest.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    draining = true;
    quietly(ads);
    for (Runnable hook : drainHooks) {
      try {
        hook.run();
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).log("a server did not drain");
      }
    }
    quietly(identitySource);
    quietly(inboundContexts);
    drivers.close();
  }

  private static void quietly(@Nullable AutoCloseable part) {
    if (part != null) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.atWarn().setCause(e).log("a part of the mesh did not close");
      }
    }
  }
}
