package io.inmesh.runtime;

import io.inmesh.Mesh;
import io.inmesh.MeshException;
import io.inmesh.MeshSettingException;
import io.inmesh.MeshStartException;
import io.inmesh.MeshStatus;
import io.inmesh.Setting;
import io.inmesh.call.CallEngine;
import io.inmesh.call.CallEnvironment;
import io.inmesh.call.CallFactory;
import io.inmesh.call.PlaintextExemptions;
import io.inmesh.config.ConfigStore;
import io.inmesh.config.MeshTables;
import io.inmesh.driver.DriverEnvironment;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.InboundTlsContexts;
import io.inmesh.identity.OutboundTls;
import io.inmesh.identity.WorkloadIdentity;
import io.inmesh.proto.envoy.config.core.v3.Node;
import io.inmesh.telemetry.Metrics;
import io.inmesh.telemetry.Telemetry;
import io.inmesh.upstream.ClusterEnvironment;
import io.inmesh.upstream.Clusters;
import io.inmesh.upstream.JdkHostResolver;
import io.inmesh.xds.AdsClient;
import io.inmesh.xds.ControlPlaneConnection;
import io.inmesh.xds.ResourceFile;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** A running mesh: every part, put together. */
final class MeshRuntime implements Mesh, MeshServices {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh");
  private static final String LAST_KNOWN_GOOD = "last-known-good";

  /** Compiling what is on disk; nothing else is waited for. */
  private static final Duration RESTORE_LIMIT = Duration.ofSeconds(30);

  private final DriverEnvironment drivers = DriverEnvironment.create();
  private final IdentityStore identity = new IdentityStore();
  private final Secrets secrets = new Secrets(identity, Clock.systemUTC());
  private final Clusters clusters;
  private final Switchboard switchboard;
  private final ConfigurationStream stream;
  private final ConfiguredExclusions exclusions;
  private final CallEngine calls;
  private final Node node;
  private final Telemetry telemetry;
  private final OutboundSecurity outbound;
  private final InboundTlsContexts inboundContexts;
  private final InboundSecurity inbound;
  private final Adapters adapters;
  private final CopyOnWriteArrayList<Runnable> drainHooks = new CopyOnWriteArrayList<>();
  private final AtomicBoolean left = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable AutoCloseable identitySource;
  private @Nullable AutoCloseable adminServer;
  private @Nullable AdsClient ads;
  private @Nullable LastKnownGood lastKnownGood;
  private @Nullable SecretSources secretSources;
  private final Duration drainLimit;
  private volatile boolean draining;
  private boolean identityWanted;

  private MeshRuntime(Settings settings) {
    this.drainLimit = settings.duration(Setting.DRAIN_LIMIT);
    RandomBits random = new RandomBits();
    this.adapters = Adapters.load();
    this.node = Nodes.of(settings);
    this.telemetry = Observability.telemetry(settings, node, drivers.nanos(), identity);
    this.clusters =
        new Clusters(
            new ClusterEnvironment(
                random,
                drivers.nanos(),
                new UpstreamLog(telemetry.upstreams()),
                new JdkHostResolver(drivers.workers()),
                drivers.timer()));
    this.switchboard = new Switchboard(clusters, this::resubscribe);
    this.stream =
        new ConfigurationStream(
            new ConfigStore(
                switchboard, settings.require(Setting.NAMESPACE) + ".svc.cluster.local"));
    this.exclusions = new ConfiguredExclusions(settings);
    PlaintextExemptions plaintext = ConfiguredExemptions.of(settings);
    this.calls =
        new CallEngine(
            new CallEnvironment(clusters, random, telemetry, Observability.localNode(node)),
            switchboard::tables,
            exclusions,
            plaintext);
    this.outbound = new OutboundSecurity(new OutboundTls(identity, Clock.systemUTC()), secrets);
    this.inboundContexts = new InboundTlsContexts(identity, Clock.systemUTC());
    this.inbound =
        new InboundSecurity(switchboard::tables, inboundContexts, identity, secrets, plaintext);
    Metrics metrics = telemetry.metrics();
    if (metrics != null) {
      metrics.onRead(new ClusterGauges(clusters));
      metrics.onRead(new MeshGauges(() -> ads, identity, stream, switchboard::tables));
    }
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
    if (!Set.of("fail", "wait", LAST_KNOWN_GOOD).contains(then)) {
      throw settings.wrong(Setting.ON_START_LIMIT, then, "fail, wait or last-known-good");
    }
    PodLabels.of(settings).warn();
    if (then.equals(LAST_KNOWN_GOOD)) {
      lastKnownGood = keeper(settings, node);
      stream.keepIn(lastKnownGood);
    }
    adminServer = admin(settings);
    identitySource = IdentityRuntime.start(settings, identity, drivers.timer());
    identityWanted = identitySource != null;
    List<ControlPlaneConnection> controlPlanes = ControlPlanes.all(settings, identity);
    AdsClient client =
        AdsClient.builder(controlPlanes.get(0), stream)
            .fallbacks(controlPlanes.subList(1, controlPlanes.size()))
            .node(node)
            .build();
    ads = client;
    secretSources = secretSources(client, node);
    stream.start(client, secretSources);
    String missing = await(limit.toNanos());
    LastKnownGood keeper = lastKnownGood;
    if (missing != null && keeper != null && switchboard.tables() == null) {
      restore(keeper, missing);
    }
    boolean without = then.equals(LAST_KNOWN_GOOD) && switchboard.tables() == null;
    if (missing != null && (then.equals("fail") || without)) {
      throw new MeshStartException(
          settings.require(Setting.CONTROL_PLANE),
          "the mesh has not started within "
              + limit
              + ": "
              + missing
              + " (control plane "
              + settings.require(Setting.CONTROL_PLANE)
              + ")"
              + (without && keeper != null ? "; nothing usable in " + keeper.file() : ""));
    }
    WorkloadIdentity now = identity.current();
    LOG.atLevel(missing != null && lastKnownGood != null ? Level.WARN : Level.INFO)
        .addKeyValue("identity", now == null ? "none" : now.spiffeId())
        .addKeyValue("control_plane", settings.require(Setting.CONTROL_PLANE))
        .addKeyValue("start_ms", (System.nanoTime() - started) / 1_000_000)
        .log(missing == null ? "in the mesh" : "started, still waiting: " + missing);
  }

  /** Null: none is asked for. */
  private @Nullable AutoCloseable admin(Settings settings) {
    if (settings.text(Setting.ADMIN_ADDRESS) == null) {
      return null;
    }
    Settings.HostPort at = settings.hostPort(Setting.ADMIN_ADDRESS);
    AdminServerProvider provider =
        ServiceLoader.load(AdminServerProvider.class)
            .findFirst()
            .orElseThrow(
                () ->
                    new MeshException(
                        Setting.ADMIN_ADDRESS.key()
                            + " is set and there is no admin server on the class path: add"
                            + " io.inmesh:inmesh-admin"));
    ConfigArchive archive = new ConfigArchive();
    stream.archiveIn(archive);
    return provider.start(
        at.host(),
        at.port(),
        new AdminView(
            node,
            clusters,
            identity,
            archive,
            telemetry.metrics(),
            this::status,
            switchboard::tables,
            new Explainer(clusters, switchboard::tables, archive, new RandomBits(), exclusions),
            telemetry.refusals()));
  }

  private SecretSources secretSources(AdsClient client, Node node) {
    AtomicReference<@Nullable SecretSources> sources = new AtomicReference<>();
    SecretFiles files =
        new SecretFiles(
            secrets,
            drivers.timer(),
            drivers.workers(),
            IdentityRuntime.FILE_INTERVAL,
            secret -> {
              SecretSources made = sources.get();
              if (made != null) {
                made.looked(secret);
              }
            });
    SecretSources made =
        new SecretSources(
            secrets,
            files,
            stream.store(),
            client,
            clusters,
            node,
            AdsClient.DEFAULT_INITIAL_FETCH_TIMEOUT);
    sources.set(made);
    return made;
  }

  /** What is accepted goes to disk from now on. */
  private LastKnownGood keeper(Settings settings, Node node) {
    if (settings.text(Setting.LAST_KNOWN_GOOD_FILE) == null) {
      throw new MeshSettingException(
          Setting.LAST_KNOWN_GOOD_FILE,
          Setting.ON_START_LIMIT.key()
              + "="
              + LAST_KNOWN_GOOD
              + " needs "
              + Setting.LAST_KNOWN_GOOD_FILE.key()
              + ": where to keep it");
    }
    return new LastKnownGood(
        settings.path(Setting.LAST_KNOWN_GOOD_FILE),
        () -> owner(settings, node),
        () -> switchboard.tables() != null,
        drivers.timer(),
        drivers.workers(),
        Clock.systemUTC(),
        LastKnownGood.Pace.DEFAULT);
  }

  private Map<String, String> owner(Settings settings, Node node) {
    WorkloadIdentity now = identity.current();
    String trustDomain =
        now == null ? settings.text(Setting.TRUST_DOMAIN) : now.spiffeId().trustDomain();
    return Map.of(
        "node", node.getId(),
        "service account", settings.require(Setting.SERVICE_ACCOUNT),
        "cluster", settings.require(Setting.CLUSTER_ID),
        "trust domain", trustDomain == null ? "" : trustDomain);
  }

  private void restore(LastKnownGood keeper, String missing) {
    ResourceFile kept = keeper.read();
    if (kept == null) {
      return;
    }
    stream.restore(keeper, kept);
    try {
      if (switchboard.awaitFirst(RESTORE_LIMIT.toNanos())) {
        LOG.atWarn()
            .addKeyValue("file", keeper.file())
            .addKeyValue("written_at", kept.writtenAt())
            .addKeyValue("age", age(kept.writtenAt()))
            .log(
                "the last known good configuration is in force, {} old, until the control plane"
                    + " answers: {}",
                age(kept.writtenAt()),
                missing);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MeshException("interrupted while the mesh started", e);
    }
  }

  private static Duration age(Instant writtenAt) {
    return Duration.between(writtenAt, Instant.now()).truncatedTo(ChronoUnit.SECONDS);
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
        now == null ? null : now.notBefore(),
        now == null ? null : now.notAfter(),
        tables == null ? 0 : tables.version(),
        tables == null ? null : switchboard.changed(),
        failure);
  }

  MeshInspector inspector() {
    return new MeshInspector(clusters, identity);
  }

  /** What is counted; null: nothing is. */
  @Nullable Metrics metrics() {
    return telemetry.metrics();
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

  @Override
  public void leave() {
    if (left.compareAndSet(false, true)) {
      quietly(secretSources);
      quietly(ads);
      quietly(lastKnownGood);
    }
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
    RunningMeshes.remove(this);
    leave();
    for (Runnable hook : drainHooks) {
      try {
        hook.run();
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).log("a server did not drain");
      }
    }
    quietly(identitySource);
    quietly(inboundContexts);
    quietly(telemetry);
    quietly(adminServer);
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
