package io.inmesh.upstream;

import io.inmesh.config.Endpoint;
import io.inmesh.config.TransportSocket;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A host of a cluster: one object for each (cluster, address), which keeps its state over EDS
 * updates; after its removal it lives until its last lease. Its identity is the identity of its
 * connection pool. Thread-safe. There may be a hundred thousand of them: what most never need they
 * do not hold.
 */
public final class Host {
  private static final AtomicIntegerFieldUpdater<Host> ACTIVE =
      AtomicIntegerFieldUpdater.newUpdater(Host.class, "active");

  private final String address;

  /** By {@link #ACTIVE}. */
  private volatile int active;

  private volatile @Nullable HostMonitor monitor;
  private volatile Description description;
  private volatile long lastUsedNanos;
  private volatile long startedNanos;
  private volatile int priority;
  private volatile boolean removed;
  private volatile @Nullable Object derived;
  private volatile @Nullable String principal;
  private volatile @Nullable ReportedWeight reported;

  Host(Endpoint endpoint, TransportSocket socket, long nowNanos) {
    this.address = endpoint.address();
    this.description = new Description(endpoint, socket);
    this.lastUsedNanos = nowNanos;
    this.startedNanos = nowNanos;
  }

  /** What the control plane says of it now. */
  public Endpoint endpoint() {
    return description.endpoint;
  }

  /** How bytes travel to it, chosen by its metadata and the cluster's {@code TransportSockets}. */
  public TransportSocket socket() {
    return description.socket;
  }

  /** {@code ip:port}. */
  public String address() {
    return address;
  }

  /**
   * Taken out by outlier detection. A host whose time is over stays ejected until the next interval
   * of the detector, as in Envoy, and until the cluster is next used.
   */
  public boolean ejected(long nowNanos) {
    return ejection().ejected();
  }

  /** Leases that have not ended. */
  public int active() {
    return active;
  }

  /** How often it was ejected, ever. */
  public int ejections() {
    return ejection().count();
  }

  /** Priority of its locality; 0 is the highest. */
  public int priority() {
    return priority;
  }

  void priority(int newPriority) {
    priority = newPriority;
  }

  /** {@code health_status} of EDS; ejection is apart. */
  public Endpoint.Health health() {
    return description.endpoint.health();
  }

  /** No longer in the configuration: connections to it close as they become idle. */
  public boolean removed() {
    return removed;
  }

  void removed(boolean gone) {
    removed = gone;
  }

  /** What the package above has last made of this host; null: nothing yet. */
  public @Nullable Object derived() {
    return derived;
  }

  /** There is one such package; of two threads that do this at once one wins. */
  public void derived(Object made) {
    derived = made;
  }

  /** Made when it is first asked for: policies that weigh by reports do. */
  ReportedWeight reported() {
    ReportedWeight known = reported;
    return known == null ? makeReported() : known;
  }

  /** SPIFFE name in the certificate of its newest TLS connection; null: none yet. */
  public @Nullable String principal() {
    return principal;
  }

  /** For adapters, after a handshake. */
  public void principal(@Nullable String verified) {
    principal = verified;
  }

  private synchronized ReportedWeight makeReported() {
    ReportedWeight made = reported;
    if (made == null) {
      made = new ReportedWeight();
      reported = made;
    }
    return made;
  }

  /** Made when it is first asked for. */
  HostMonitor monitor() {
    HostMonitor known = monitor;
    return known == null ? makeMonitor() : known;
  }

  private synchronized HostMonitor makeMonitor() {
    HostMonitor made = monitor;
    if (made == null) {
      made = new HostMonitor();
      monitor = made;
    }
    return made;
  }

  /** False: outlier detection has nothing of it yet, neither results nor an ejection. */
  boolean monitored() {
    return monitor != null;
  }

  Ejection ejection() {
    HostMonitor known = monitor;
    return known == null ? Ejection.NONE : known.ejection();
  }

  void describe(Endpoint endpoint, TransportSocket socket) {
    Description now = description;
    if (!now.endpoint.equals(endpoint) || !now.socket.equals(socket)) {
      description = new Description(endpoint, socket);
    }
  }

  /** When it became a member, last. */
  long startedNanos() {
    return startedNanos;
  }

  void started(long nowNanos) {
    startedNanos = nowNanos;
  }

  void enter() {
    ACTIVE.getAndIncrement(this);
  }

  void leave(long nowNanos) {
    lastUsedNanos = nowNanos;
    ACTIVE.getAndDecrement(this);
  }

  long lastUsedNanos() {
    return lastUsedNanos;
  }

  @Override
  public String toString() {
    return address;
  }

  private record Description(Endpoint endpoint, TransportSocket socket) {}
}
