package io.inmesh.controlplane;

import io.inmesh.controlplane.config.OutboundPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link ControlPlane}. Not thread-safe. */
public final class ControlPlaneBuilder {
  private @Nullable Path configDirectory;
  private @Nullable Path stateDirectory;
  private String host = "127.0.0.1";
  private int port = 15012;
  private String trustDomain = "cluster.local";
  private OutboundPolicy outboundPolicy = OutboundPolicy.ALLOW_ANY;
  private Duration envoyCertificates = Duration.ofHours(24);
  private Duration endpointGrace = Duration.ofSeconds(10);
  private Duration reconnectGrace = Duration.ofSeconds(60);
  private boolean remoteAllowed;
  private boolean probePorts;
  private final List<Account> serviceAccounts = new ArrayList<>();
  private final List<Consumer<ControlPlaneEvent>> listeners = new ArrayList<>();

  record Account(String namespace, String name) {}

  ControlPlaneBuilder() {}

  /** Where the YAML is. Needed; must exist. */
  public ControlPlaneBuilder configDirectory(Path directory) {
    configDirectory = directory;
    return this;
  }

  /**
   * Keys, tokens and registrations; made and kept owner-only. Needed. One control plane at a time.
   */
  public ControlPlaneBuilder stateDirectory(Path directory) {
    stateDirectory = directory;
    return this;
  }

  /** Address and port; port 0 takes a free one. Default 127.0.0.1:15012. */
  public ControlPlaneBuilder listen(String host, int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
    this.host = host;
    this.port = port;
    return this;
  }

  /** Allows {@link #listen} on an address that other machines can reach. Default false. */
  public ControlPlaneBuilder allowRemote(boolean allowed) {
    remoteAllowed = allowed;
    return this;
  }

  /** Default {@code cluster.local}. */
  public ControlPlaneBuilder trustDomain(String domain) {
    if (!domain.matches("[a-z0-9]([a-z0-9._-]{0,253}[a-z0-9])?")) {
      throw new IllegalArgumentException("not a trust domain: " + domain);
    }
    trustDomain = domain;
    return this;
  }

  /**
   * What becomes of calls to unknown destinations where no Sidecar says otherwise; Istio's {@code
   * meshConfig.outboundTrafficPolicy}. Default ALLOW_ANY.
   */
  public ControlPlaneBuilder outboundTrafficPolicy(OutboundPolicy policy) {
    outboundPolicy = policy;
    return this;
  }

  /**
   * Lifetime of the certificates of Envoys, whose keys are made here; renewed at half of it.
   * Default 24 hours.
   */
  public ControlPlaneBuilder envoyCertificateLifetime(Duration lifetime) {
    if (lifetime.compareTo(Duration.ofSeconds(1)) < 0
        || lifetime.compareTo(Duration.ofDays(90)) > 0) {
      throw new IllegalArgumentException("not between a second and 90 days: " + lifetime);
    }
    envoyCertificates = lifetime;
    return this;
  }

  /** How long the endpoints of a workload stay after its stream broke. Default 10 seconds. */
  public ControlPlaneBuilder endpointGrace(Duration grace) {
    endpointGrace = positive(grace);
    return this;
  }

  /**
   * How long workloads from before a restart stay until they have connected again. Default 60
   * seconds.
   */
  public ControlPlaneBuilder reconnectGrace(Duration grace) {
    reconnectGrace = positive(grace);
    return this;
  }

  /**
   * Whether a new workload becomes an endpoint only once its ports take connections, as with a
   * readiness probe. Default false: as soon as it has connected.
   */
  public ControlPlaneBuilder probePorts(boolean probe) {
    probePorts = probe;
    return this;
  }

  /** Has a token file written at start. */
  public ControlPlaneBuilder serviceAccount(String namespace, String name) {
    serviceAccounts.add(new Account(namespace, name));
    return this;
  }

  /** A listener that also hears what happens during the start. */
  public ControlPlaneBuilder onEvent(Consumer<ControlPlaneEvent> listener) {
    listeners.add(listener);
    return this;
  }

  private static Duration positive(Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("a grace cannot be negative: " + grace);
    }
    return grace;
  }

  /**
   * Starts it: when this returns, the port is open and the configuration in force.
   *
   * @throws IOException when a directory or the port cannot be used; the message says which
   */
  public ControlPlane start() throws IOException {
    return ControlPlane.start(this);
  }

  Path configDirectory() {
    return Objects.requireNonNull(configDirectory, "configDirectory is not set");
  }

  Path stateDirectory() {
    return Objects.requireNonNull(stateDirectory, "stateDirectory is not set");
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  String trustDomain() {
    return trustDomain;
  }

  OutboundPolicy outboundPolicy() {
    return outboundPolicy;
  }

  Duration envoyCertificateLifetime() {
    return envoyCertificates;
  }

  Duration endpointGrace() {
    return endpointGrace;
  }

  Duration reconnectGrace() {
    return reconnectGrace;
  }

  boolean probePorts() {
    return probePorts;
  }

  boolean remoteAllowed() {
    return remoteAllowed;
  }

  List<Account> serviceAccounts() {
    return serviceAccounts;
  }

  List<Consumer<ControlPlaneEvent>> listeners() {
    return listeners;
  }
}
