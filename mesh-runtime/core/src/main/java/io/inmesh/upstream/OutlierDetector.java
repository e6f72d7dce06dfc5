package io.inmesh.upstream;

import io.inmesh.config.OutlierDetection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's outlier detection for one cluster, without a timer: the intervals that have passed are
 * made up for when the cluster is next used. Lock-free; an interval is handled by whichever thread
 * sees first that it is over.
 */
final class OutlierDetector {

  /** What the detector needs of its cluster. */
  interface Owner {
    List<Host> hosts();

    long random();

    /** Health changed: the host must leave or enter load balancing before this returns. */
    void changed(Host host, @Nullable EjectionReason ejectedFor, long nowNanos);
  }

  private final OutlierDetection config;
  private final Owner owner;
  private final AtomicInteger ejected;
  private final AtomicLong lastTick;
  private final SuccessRates successRates;

  /**
   * @param ejected hosts out now; shared by the successive detectors of a cluster
   */
  OutlierDetector(OutlierDetection config, Owner owner, AtomicInteger ejected, long nowNanos) {
    this.config = config;
    this.owner = owner;
    this.ejected = ejected;
    this.lastTick = new AtomicLong(nowNanos);
    this.successRates = new SuccessRates(config, this::eject);
  }

  OutlierDetection config() {
    return config;
  }

  /** Handles the intervals that are over, if any. One volatile read when there are none. */
  void tick(long now) {
    long last = lastTick.get();
    long interval = config.intervalNanos();
    if (now - last < interval) {
      return;
    }
    long to = now - (now - last) % interval;
    if (!lastTick.compareAndSet(last, to)) {
      return; // another thread does it
    }
    long first = last + interval;
    List<Host> hosts = owner.hosts();
    unejectDue(hosts, last, first);
    successRates.interval(hosts, first);
    forgive(hosts, last, first);
    if (to != first) {
      // nothing was counted since, or somebody would have been here
      unejectDue(hosts, first, to);
      forgive(hosts, first, to);
    }
  }

  void status(Host host, int status, long now) {
    HostMonitor monitor = host.monitor();
    if (status < 500 || status > 599) {
      monitor.external.add(true);
      HostMonitor.clear(monitor.consecutive5xx);
      HostMonitor.clear(monitor.consecutiveGateway);
      return;
    }
    monitor.external.add(false);
    if (status >= 502 && status <= 504) {
      count(
          host,
          monitor.consecutiveGateway,
          config.consecutiveGateway(),
          EjectionReason.CONSECUTIVE_GATEWAY_FAILURE,
          now);
    } else {
      HostMonitor.clear(monitor.consecutiveGateway);
    }
    count(
        host, monitor.consecutive5xx, config.consecutive5xx(), EjectionReason.CONSECUTIVE_5XX, now);
  }

  void connected(Host host) {
    if (config.splitLocalOrigin()) {
      host.monitor().localOrigin.add(true);
      HostMonitor.clear(host.monitor().consecutiveLocalOrigin);
    }
  }

  void failed(Host host, Failure kind, long now) {
    if (!config.splitLocalOrigin()) {
      status(host, kind.status(), now);
      return;
    }
    host.monitor().localOrigin.add(false);
    count(
        host,
        host.monitor().consecutiveLocalOrigin,
        config.consecutiveLocalOrigin(),
        EjectionReason.CONSECUTIVE_LOCAL_ORIGIN_FAILURE,
        now);
  }

  /** The host leaves the cluster: it no longer counts among the ejected, nor do its results. */
  static void forget(Host host, AtomicInteger ejected) {
    while (true) {
      Ejection before = host.ejection();
      if (before.removed()) {
        return;
      }
      if (host.monitor().change(before, before.gone())) {
        if (before.ejected()) {
          ejected.getAndDecrement();
        }
        return;
      }
    }
  }

  /** Outlier detection was switched off: the host is as good as new. */
  static void pardon(Host host, AtomicInteger ejected) {
    while (host.monitored()) {
      Ejection before = host.ejection();
      if (before.removed()) {
        return;
      }
      if (host.monitor().change(before, Ejection.NONE)) {
        if (before.ejected()) {
          ejected.getAndDecrement();
        }
        host.monitor().resetConsecutive();
        return;
      }
    }
  }

  private void count(Host host, AtomicInteger counter, int limit, EjectionReason reason, long now) {
    // exactly the limit: of several threads one ejects; a counter that ran on past it waits for a
    // success, as Envoy's does
    if (counter.incrementAndGet() != limit) {
      return;
    }
    Ejection state = host.ejection();
    if (state.removed() || state.ejected()) {
      return;
    }
    eject(host, reason, now);
    counter.set(0);
  }

  private void eject(Host host, EjectionReason reason, long now) {
    if (!enforced(reason) || !takeEjection()) {
      return;
    }
    long base = config.baseEjectionNanos();
    long max = config.maxEjectionNanos();
    long jitter =
        config.maxEjectionJitterNanos() <= 0
            ? 0
            : Long.remainderUnsigned(owner.random(), config.maxEjectionJitterNanos() + 1);
    while (true) {
      Ejection before = host.ejection();
      if (before.removed() || before.ejected()) {
        ejected.getAndDecrement();
        return;
      }
      int multiplier = before.multiplier();
      if (multiplier * base < max + base) {
        multiplier++;
      }
      long until = now + Math.min(base * multiplier, max) + jitter;
      if (host.monitor().change(before, before.eject(until, multiplier))) {
        owner.changed(host, reason, now);
        return;
      }
    }
  }

  /** {@code max_ejection_percent} and {@code always_eject_one_host}. */
  private boolean takeEjection() {
    int hosts = Math.max(1, owner.hosts().size());
    while (true) {
      int out = ejected.get();
      boolean within = 100.0 * (out + 1) / hosts <= Math.min(100, config.maxEjectionPercent());
      if (!within && !(config.alwaysEjectOneHost() && out == 0)) {
        return false;
      }
      if (ejected.compareAndSet(out, out + 1)) {
        return true;
      }
    }
  }

  private boolean enforced(EjectionReason reason) {
    int percent =
        switch (reason) {
          case CONSECUTIVE_5XX -> config.enforcingConsecutive5xx();
          case CONSECUTIVE_GATEWAY_FAILURE -> config.enforcingConsecutiveGateway();
          case CONSECUTIVE_LOCAL_ORIGIN_FAILURE -> config.enforcingConsecutiveLocalOrigin();
          case SUCCESS_RATE -> config.enforcingSuccessRate();
          case SUCCESS_RATE_LOCAL_ORIGIN -> config.enforcingLocalOriginSuccessRate();
          case FAILURE_PERCENTAGE -> config.enforcingFailurePercentage();
          // the compiled table has no field for it; Envoy's default
          case FAILURE_PERCENTAGE_LOCAL_ORIGIN -> 0;
        };
    if (percent <= 0) {
      return false;
    }
    return percent >= 100 || Long.remainderUnsigned(owner.random(), 100) < percent;
  }

  /** Hosts come back at the first interval's end at which their time is over. */
  private void unejectDue(List<Host> hosts, long from, long to) {
    long interval = config.intervalNanos();
    for (Host host : hosts) {
      Ejection before = host.ejection();
      if (!before.ejected() || before.untilNanos() - to > 0) {
        continue;
      }
      long late = Math.max(0, before.untilNanos() - from);
      long at = Math.min(to, from + Math.max(1, (late + interval - 1) / interval) * interval);
      if (host.monitor().change(before, before.back(at))) {
        ejected.getAndDecrement();
        host.monitor().resetConsecutive();
        owner.changed(host, null, at);
      }
    }
  }

  /** One step of the multiplier is forgiven for each interval in health after the return. */
  private void forgive(List<Host> hosts, long from, long to) {
    for (Host host : hosts) {
      Ejection before = host.ejection();
      if (before.multiplier() == 0 || before.ejected() || before.removed()) {
        continue;
      }
      long start = before.returnedNanos() - from > 0 ? before.returnedNanos() : from;
      long intervals = (to - start) / config.intervalNanos();
      if (intervals > 0) {
        host.monitor().change(before, before.forgive(intervals));
      }
    }
  }
}
