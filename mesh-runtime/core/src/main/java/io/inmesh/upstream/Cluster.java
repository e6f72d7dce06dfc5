package io.inmesh.upstream;

import io.inmesh.config.ClusterConfig;
import io.inmesh.config.ClusterConfig.Discovery;
import io.inmesh.config.LoadReport;
import io.inmesh.config.LocalityEndpoints;
import io.inmesh.config.ReportedWeights;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A cluster at run time. Requests come on any thread and meet no lock; updates come from the
 * configuration thread and from DNS, one at a time. What changes is one immutable {@link State}
 * behind one volatile; counters, hosts and round-robin positions survive it.
 */
public final class Cluster {
  private final String name;
  private final ClusterEnvironment env;
  private final Breaker breaker;
  private final Breaker highPriorityBreaker;
  private final AtomicReference<State> state;
  private final HostDirectory directory = new HostDirectory();
  private final OriginalDestinations originalDestinations;
  private final AtomicInteger ejected = new AtomicInteger();
  private final Map<String, AtomicInteger> cursors = new ConcurrentHashMap<>();
  private final OutlierDetector.Owner detection = new Detection();
  private @Nullable DnsDiscovery dns;
  private volatile @Nullable Object derived;

  Cluster(ClusterConfig config, ClusterEnvironment env) {
    this.name = config.name();
    this.env = env;
    this.breaker = new Breaker(config.breakers());
    this.highPriorityBreaker = new Breaker(config.highPriorityBreakers());
    this.state = new AtomicReference<>(new State(config, null, null, null, weights(null, config)));
    this.originalDestinations = new OriginalDestinations(ejected);
  }

  public String name() {
    return name;
  }

  public ClusterConfig config() {
    return state.get().config;
  }

  /** Current hosts, in the order in which the control plane names them. */
  public List<Host> hosts() {
    State now = state.get();
    if (now.config.discovery() == Discovery.ORIGINAL_DST) {
      return originalDestinations.hosts();
    }
    return now.set == null ? List.of() : now.set.hosts();
  }

  /** What a package above has last made of this cluster; null: nothing yet. */
  public @Nullable Object derived() {
    return derived;
  }

  /** There is one such package; of two threads that do this at once one wins. */
  public void derived(Object made) {
    derived = made;
  }

  /** Hosts that outlier detection has taken out now. */
  public int ejectedHosts() {
    return ejected.get();
  }

  /** Leases that have not ended, of one priority. */
  public long activeRequests(boolean highPriority) {
    return breaker(highPriority).requests();
  }

  /** Leases without a connection yet, of one priority. */
  public long pendingRequests(boolean highPriority) {
    return breaker(highPriority).pending();
  }

  /** Retries in progress, of one priority. */
  public long activeRetries(boolean highPriority) {
    return breaker(highPriority).retries();
  }

  /** Takes a host and the request's place in the breaker, or says why not. Never blocks. */
  public Acquisition acquire(PickRequest request, long nowNanos) {
    State now = state.get();
    if (now.detector != null) {
      now.detector.tick(nowNanos);
      now = state.get();
    }
    WeightUpdates weights = now.weights;
    if (weights != null && weights.tick(hosts(), nowNanos)) {
      now = state.updateAndGet(old -> old.rebuilt(this));
    }
    Host host;
    if (now.config.discovery() == Discovery.ORIGINAL_DST) {
      host = originalDestinations.find(request.originalDestination(), now.config, nowNanos);
    } else {
      if (now.table == null) {
        return Refusal.NOT_READY;
      }
      host = now.table.pick(request, env.random());
    }
    if (host == null) {
      return Refusal.NO_HEALTHY_UPSTREAM;
    }
    Breaker guard = breaker(request.highPriority());
    Refusal refusal = guard.enter();
    if (refusal != null) {
      return refusal;
    }
    host.enter();
    return new Lease(this, host, guard);
  }

  /** {@code max_retries} or the retry budget; paired with {@link #releaseRetry}. */
  public boolean tryRetry(boolean highPriority) {
    return breaker(highPriority).tryRetry();
  }

  public void releaseRetry(boolean highPriority) {
    breaker(highPriority).releaseRetry();
  }

  void connected(Host host, long nowNanos) {
    OutlierDetector detector = state.get().detector;
    if (detector != null) {
      detector.tick(nowNanos);
      detector.connected(host);
    }
  }

  void responded(Host host, int status, long nowNanos) {
    OutlierDetector detector = state.get().detector;
    if (detector != null) {
      detector.tick(nowNanos);
      detector.status(host, status, nowNanos);
    }
  }

  void failed(Host host, Failure kind, long nowNanos) {
    OutlierDetector detector = state.get().detector;
    if (detector != null) {
      detector.tick(nowNanos);
      detector.failed(host, kind, nowNanos);
    }
  }

  /** Whether hosts are weighed by what they report. */
  boolean wantsReports() {
    return state.get().weights != null;
  }

  void reported(Host host, LoadReport report, long nowNanos) {
    WeightUpdates weights = state.get().weights;
    long weight = weights == null ? 0 : weights.rules().weight(report);
    if (weight > 0) {
      host.reported().report(weight, nowNanos);
    }
  }

  /** A new configuration under the same name: limits change, counters and hosts stay. */
  synchronized void update(ClusterConfig config) {
    breaker.limits(config.breakers());
    highPriorityBreaker.limits(config.highPriorityBreakers());
    ClusterConfig before = config();
    OutlierDetector detector = detector(config);
    if (detector == null) {
      directory.current().forEach(host -> OutlierDetector.pardon(host, ejected));
    }
    directory.describe(config.sockets());
    WeightUpdates weights = weights(state.get().weights, config);
    state.updateAndGet(
        old -> new State(config, old.set, old.table, detector, weights).rebuilt(this));
    discover(before, config);
  }

  /** The members as the control plane or DNS names them now. */
  synchronized void members(List<LocalityEndpoints> localities, int overprovisioningPercent) {
    HostSet set =
        directory.update(
            localities, overprovisioningPercent, config().sockets(), env.clock().getAsLong());
    state.updateAndGet(
        old -> new State(old.config, set, old.table, old.detector, old.weights).rebuilt(this));
    directory.leave(set, host -> OutlierDetector.forget(host, ejected));
  }

  synchronized void close() {
    if (dns != null) {
      dns.close();
      dns = null;
    }
    hosts().forEach(host -> host.removed(true));
  }

  private void discover(ClusterConfig before, ClusterConfig config) {
    boolean byDns =
        config.discovery() == Discovery.STRICT_DNS || config.discovery() == Discovery.LOGICAL_DNS;
    boolean same =
        before.discovery() == config.discovery()
            && before.endpoints().equals(config.endpoints())
            && before.dns().equals(config.dns());
    if (dns != null && !(byDns && same)) {
      dns.close();
      dns = null;
    }
    if (byDns && dns == null) {
      dns = new DnsDiscovery(this, config, env);
      dns.start();
    }
    if (config.discovery() == Discovery.STATIC) {
      members(config.endpoints(), HostSet.OVERPROVISIONING);
    }
  }

  private @Nullable OutlierDetector detector(ClusterConfig config) {
    OutlierDetector before = state.get().detector;
    if (config.outlier() == null) {
      return null;
    }
    return before != null && before.config().equals(config.outlier())
        ? before
        : new OutlierDetector(config.outlier(), detection, ejected, env.clock().getAsLong());
  }

  private @Nullable WeightUpdates weights(@Nullable WeightUpdates before, ClusterConfig config) {
    ReportedWeights rules = config.lb().reported();
    if (rules == null) {
      return null;
    }
    return before != null && before.rules().equals(rules)
        ? before
        : new WeightUpdates(rules, env.clock().getAsLong());
  }

  private AtomicInteger cursor(String cursorName) {
    // a random start, lest all processes begin with the same host
    return cursors.computeIfAbsent(
        cursorName, n -> new AtomicInteger((int) (env.random().getAsLong() >>> 32)));
  }

  private Breaker breaker(boolean highPriority) {
    return highPriority ? highPriorityBreaker : breaker;
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * Null members: none known yet; null detector: no outlier detection; null weights: those of the
   * control plane.
   */
  private record State(
      ClusterConfig config,
      @Nullable HostSet set,
      @Nullable LoadTable table,
      @Nullable OutlierDetector detector,
      @Nullable WeightUpdates weights) {

    State rebuilt(Cluster cluster) {
      return set == null
          ? this
          : new State(
              config,
              set,
              LoadTable.of(set, config.lb(), cluster::cursor, cluster.env.clock()),
              detector,
              weights);
    }
  }

  /** This cluster as its detector sees it. */
  private final class Detection implements OutlierDetector.Owner {
    @Override
    public List<Host> hosts() {
      return Cluster.this.hosts();
    }

    @Override
    public long random() {
      return env.random().getAsLong();
    }

    @Override
    public void changed(Host host, @Nullable EjectionReason ejectedFor, long nowNanos) {
      // the host's mark is set already: whichever rebuild wins the race has seen it
      state.updateAndGet(old -> old.rebuilt(Cluster.this));
      if (ejectedFor == null) {
        env.listener().returned(Cluster.this, host, nowNanos);
      } else {
        env.listener().ejected(Cluster.this, host, ejectedFor, nowNanos);
      }
    }
  }
}
