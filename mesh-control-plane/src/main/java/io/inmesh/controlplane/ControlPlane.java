package io.inmesh.controlplane;

import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.inmesh.controlplane.config.ConfigDirectory;
import io.inmesh.controlplane.config.ConfigRefused;
import io.inmesh.controlplane.config.ConfigWatcher;
import io.inmesh.controlplane.config.MeshConfig;
import io.inmesh.controlplane.config.Warnings;
import io.inmesh.controlplane.identity.CallerIdentity;
import io.inmesh.controlplane.identity.CertificateAuthority;
import io.inmesh.controlplane.identity.CertificateService;
import io.inmesh.controlplane.identity.IssuedIdentities;
import io.inmesh.controlplane.identity.TokenIssuer;
import io.inmesh.controlplane.registry.Readiness;
import io.inmesh.controlplane.registry.Registration;
import io.inmesh.controlplane.registry.Registry;
import io.inmesh.controlplane.xds.AdsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded control plane: serves the Istio YAML of a directory as xDS (delta and state of the
 * world) and Istio's certificate API on one TLS port. For one machine: it listens on loopback
 * unless it is told otherwise.
 *
 * <p>Thread-safe. Listeners are called on the control plane's own thread and must not block.
 */
public final class ControlPlane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane");

  private final ScheduledExecutorService loop =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "inmesh-control-plane");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Consumer<ControlPlaneEvent>> listeners = new CopyOnWriteArrayList<>();
  private final Set<String> tokensWritten = new HashSet<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Clock clock = Clock.systemUTC();
  private final StateLock lock;
  private final CertificateAuthority authority;
  private final TokenIssuer tokens;
  private final Registry registry;
  private final @Nullable Readiness readiness;
  private final IssuedIdentities identities;
  private final AdsServer ads;
  private final ConfigDirectory directory;
  private final ConfigWatcher watcher;
  private final Server server;
  private MeshConfig config = MeshConfig.EMPTY;
  private Set<Warnings.Warning> warnings = Set.of();
  private boolean unreadable;
  private @Nullable ScheduledFuture<?> expiry;
  private @Nullable ScheduledFuture<?> renewal;

  private ControlPlane(ControlPlaneBuilder settings, StateLock lock)
      throws IOException, GeneralSecurityException {
    Path state = settings.stateDirectory();
    if (!Files.isDirectory(settings.configDirectory())) {
      throw new IOException(
          "the configuration directory " + settings.configDirectory() + " does not exist");
    }
    this.lock = lock;
    listeners.addAll(settings.listeners());
    authority = CertificateAuthority.open(state, settings.trustDomain(), clock);
    tokens = TokenIssuer.open(state, settings.trustDomain(), clock);
    registry =
        new Registry(
            state,
            clock,
            settings.endpointGrace(),
            settings.reconnectGrace(),
            new RegistryEvents());
    readiness = settings.probePorts() ? new Readiness(loop) : null;
    identities = new IssuedIdentities(authority, clock, settings.envoyCertificateLifetime());
    ads =
        new AdsServer(
            settings.trustDomain(),
            settings.outboundPolicy(),
            identities,
            loop,
            new StreamEvents());
    directory = new ConfigDirectory(settings.configDirectory(), state.resolve("last-good"));
    watcher = new ConfigWatcher(settings.configDirectory(), () -> submit(this::rescan));
    server = server(settings);
  }

  private Server server(ControlPlaneBuilder settings) throws IOException, GeneralSecurityException {
    InetAddress address = InetAddress.getByName(settings.host());
    if (!address.isLoopbackAddress() && !settings.remoteAllowed()) {
      throw new IOException(
          settings.host()
              + " can be reached from other machines; the embedded control plane is for one machine (allow it explicitly)");
    }
    CertificateAuthority.ServerIdentity identity =
        authority.serverIdentity(address.getHostAddress());
    SslContext tls =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(
                        identity.key().getPrivate(),
                        identity.chain().toArray(new X509Certificate[0]))
                    .trustManager(identity.root())
                    .clientAuth(ClientAuth.OPTIONAL))
            .build();
    CallerIdentity caller = new CallerIdentity(tokens, settings.trustDomain());
    return NettyServerBuilder.forAddress(new InetSocketAddress(address, settings.port()))
        .sslContext(tls)
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(5, TimeUnit.SECONDS)
        .permitKeepAliveTime(1, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .addService(ServerInterceptors.intercept(ads, caller))
        .addService(ServerInterceptors.intercept(new CertificateService(authority), caller))
        .build();
  }

  /** Settings, each with a default; see {@link ControlPlaneBuilder}. */
  public static ControlPlaneBuilder builder() {
    return new ControlPlaneBuilder();
  }

  static ControlPlane start(ControlPlaneBuilder settings) throws IOException {
    StateLock lock = StateLock.take(settings.stateDirectory());
    ControlPlane plane;
    try {
      plane = new ControlPlane(settings, lock);
    } catch (GeneralSecurityException e) {
      lock.close();
      throw new IOException("keys and certificates cannot be used: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
    try {
      plane.begin(settings);
      return plane;
    } catch (IOException | RuntimeException e) {
      plane.close();
      throw e;
    }
  }

  /**
   * The first scan is finished before the port opens, so that no client ever sees an empty mesh
   * because of a restart.
   */
  private void begin(ControlPlaneBuilder settings) throws IOException {
    for (ControlPlaneBuilder.Account account : settings.serviceAccounts()) {
      tokenFile(account.namespace(), account.name());
    }
    try {
      loop.submit(this::rescan).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IOException("the configuration could not be read", e.getCause());
    }
    submit(this::scheduleExpiry);
    server.start();
    watcher.start();
    log.atInfo()
        .addKeyValue("port", port())
        .addKeyValue("root", rootCertificate())
        .log("control plane started");
  }

  /** The TLS port. */
  public int port() {
    return server.getPort();
  }

  /** PEM file with the root that clients trust, for this port and for each other. */
  public Path rootCertificate() {
    return authority.rootFile();
  }

  /**
   * Writes a token for a service account and returns its owner-only file, {@code
   * <state>/tokens/<namespace>/<service account>}.
   *
   * @throws IOException when the file cannot be written
   * @throws IllegalArgumentException when these are no names
   */
  public Path tokenFile(String namespace, String serviceAccount) throws IOException {
    return tokens.writeFile(namespace, serviceAccount);
  }

  /** Adds a listener for what happens from now on. */
  public void onEvent(Consumer<ControlPlaneEvent> listener) {
    listeners.add(listener);
  }

  /** Waits until the control plane is closed. */
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /** Ends all streams and frees the port. What is registered stays remembered. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    watcher.close();
    try {
      loop.submit(ads::close).get(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException
        | java.util.concurrent.TimeoutException
        | RejectedExecutionException e) {
      log.atWarn().setCause(e).log("streams could not be ended in time");
    }
    server.shutdown();
    try {
      if (!server.awaitTermination(500, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(2, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    loop.shutdownNow();
    lock.close();
  }

  private void submit(Runnable task) {
    try {
      loop.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              log.atError().setCause(e).log("a task of the control plane failed; it goes on");
            }
          });
    } catch (RejectedExecutionException e) {
      // closed
    }
  }

  private void rescan() {
    ConfigDirectory.Scan scan;
    try {
      scan = directory.scan();
      unreadable = false;
    } catch (IOException e) {
      if (!unreadable) {
        log.atError()
            .log(
                "the configuration directory cannot be read, the last state stays: {}",
                e.toString());
      }
      unreadable = true;
      return;
    }
    if (scan.changed()) {
      config = scan.config();
      writeTokens();
      publish();
    }
    for (String file : scan.applied()) {
      log.atInfo().addKeyValue("file", file).log("configuration applied");
      emit(
          ControlPlaneEvent.Kind.CONFIG_APPLIED,
          file,
          config.objects().size() + " objects in force");
    }
    for (ConfigRefused refused : scan.refused()) {
      log.atWarn()
          .addKeyValue("file", refused.file())
          .log("refused, its last good state stays: {}", refused.getMessage());
      emit(
          ControlPlaneEvent.Kind.CONFIG_REFUSED,
          refused.file(),
          String.valueOf(refused.getMessage()));
    }
    warn();
    directory.remember();
  }

  /** Each once, for as long as it is true. */
  private void warn() {
    Set<Warnings.Warning> now = new LinkedHashSet<>(Warnings.of(config));
    for (Warnings.Warning warning : now) {
      if (!warnings.contains(warning)) {
        log.atWarn().addKeyValue("file", warning.file()).log("{}", warning);
        emit(ControlPlaneEvent.Kind.CONFIG_WARNING, warning.file(), warning.toString());
      }
    }
    warnings = now;
  }

  private void writeTokens() {
    for (ServiceAccounts.Account account : ServiceAccounts.of(config)) {
      if (tokensWritten.add(account.namespace() + "/" + account.name())) {
        try {
          tokens.writeFile(account.namespace(), account.name());
        } catch (IOException e) {
          log.atError()
              .addKeyValue("account", account)
              .log("its token file cannot be written: {}", e.toString());
        }
      }
    }
  }

  private void publish() {
    ads.publish(config, registry.registrations());
    scheduleRenewal();
  }

  /** A push with a new certificate for each Envoy whose own has lived half of its life. */
  private void scheduleRenewal() {
    if (renewal != null) {
      renewal.cancel(false);
      renewal = null;
    }
    Instant next = identities.nextRenewal();
    if (next != null && !loop.isShutdown()) {
      long millis = Math.max(1, Duration.between(clock.instant(), next).toMillis() + 1);
      renewal = loop.schedule(() -> submit(this::publish), millis, TimeUnit.MILLISECONDS);
    }
  }

  private void emit(ControlPlaneEvent.Kind kind, String subject, String detail) {
    ControlPlaneEvent event = new ControlPlaneEvent(clock.instant(), kind, subject, detail);
    for (Consumer<ControlPlaneEvent> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        log.atWarn().setCause(e).log("an event listener failed");
      }
    }
  }

  private void scheduleExpiry() {
    if (expiry != null) {
      expiry.cancel(false);
      expiry = null;
    }
    Instant next = registry.nextDeadline();
    if (next != null && !loop.isShutdown()) {
      long millis = Math.max(1, Duration.between(clock.instant(), next).toMillis() + 1);
      expiry =
          loop.schedule(
              () -> {
                registry.expire();
                scheduleExpiry();
              },
              millis,
              TimeUnit.MILLISECONDS);
    }
  }

  private final class StreamEvents implements AdsServer.Listener {
    @Override
    public void connected(Registration registration) {
      if (readiness == null || registry.knows(registration)) {
        enter(registration);
        submit(ControlPlane.this::scheduleRenewal); // its certificate is made after this
      } else {
        readiness.await(registration, this::enter);
      }
    }

    private void enter(Registration registration) {
      registry.connected(registration);
      publish();
      scheduleExpiry();
    }

    @Override
    public void ended(Registration registration, boolean clean) {
      if (readiness != null && readiness.ended(registration)) {
        return;
      }
      registry.ended(registration, clean);
      scheduleExpiry();
    }

    @Override
    public void refused(String nodeId, String typeUrl, String reason) {
      emit(ControlPlaneEvent.Kind.RESOURCE_REFUSED, nodeId, typeUrl + ": " + reason);
    }
  }

  private final class RegistryEvents implements Registry.Listener {
    @Override
    public void registered(Registration registration) {
      tell(ControlPlaneEvent.Kind.REGISTERED, registration, describe(registration));
    }

    @Override
    public void returned(Registration registration) {
      tell(ControlPlaneEvent.Kind.RETURNED, registration, describe(registration));
    }

    @Override
    public void lost(Registration registration, Duration grace) {
      tell(
          ControlPlaneEvent.Kind.LOST,
          registration,
          "its endpoints stay for " + grace.toMillis() + " ms");
    }

    @Override
    public void removed(Registration registration, String why) {
      publish();
      tell(ControlPlaneEvent.Kind.REMOVED, registration, why);
    }

    private void tell(ControlPlaneEvent.Kind kind, Registration registration, String detail) {
      String subject = registration.namespace() + "/" + registration.name();
      log.atInfo().addKeyValue("workload", subject).addKeyValue("event", kind).log("{}", detail);
      emit(kind, subject, detail);
    }

    private String describe(Registration registration) {
      List<Registration.Port> ports = registration.ports();
      return "service account "
          + registration.serviceAccount()
          + ", addresses "
          + registration.addresses()
          + (ports == null
              ? ""
              : ", ports "
                  + ports.stream().map(port -> port.name() + " " + port.number()).toList());
    }
  }
}
