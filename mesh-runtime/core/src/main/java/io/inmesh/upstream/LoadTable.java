package io.inmesh.upstream;

import io.inmesh.config.Endpoint;
import io.inmesh.config.LoadBalancing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A host set as it can take load now: health and ejections applied, pickers ready. Immutable; made
 * anew when members, health or ejections change.
 */
final class LoadTable {
  private final PriorityLoads loads;
  private final Level[] levels;
  private final boolean hashing;

  private LoadTable(PriorityLoads loads, Level[] levels, boolean hashing) {
    this.loads = loads;
    this.levels = levels;
    this.hashing = hashing;
  }

  /**
   * @param cursors counters of round robin, by name; kept by the cluster
   * @param clock for hosts that start slowly
   */
  static LoadTable of(
      HostSet set, LoadBalancing lb, Function<String, AtomicInteger> cursors, LongSupplier clock) {
    int n = set.levels().size();
    PriorityLoads.Count[] counts = new PriorityLoads.Count[n];
    for (int i = 0; i < n; i++) {
      HostSet.Level level = set.levels().get(i);
      counts[i] =
          new PriorityLoads.Count(
              members(level, host -> true).size(),
              members(level, LoadTable::healthy).size(),
              members(level, LoadTable::degraded).size());
    }
    PriorityLoads loads =
        PriorityLoads.of(counts, set.overprovisioningPercent(), lb.panicPercent());
    Level[] levels = new Level[n];
    for (int i = 0; i < n; i++) {
      HostSet.Level level = set.levels().get(i);
      String name = Integer.toString(i);
      if (loads.panic()[i]) {
        Picker all =
            Pickers.of(lb, members(level, host -> true), () -> cursors.apply(name + " all"), clock);
        levels[i] = new Level(all, all);
      } else {
        levels[i] =
            new Level(
                picker(level, lb, set, LoadTable::healthy, name + " healthy", cursors, clock),
                picker(level, lb, set, LoadTable::degraded, name + " degraded", cursors, clock));
      }
    }
    return new LoadTable(loads, levels, Pickers.hashing(lb));
  }

  /** Null when there is nobody. Turned-down picks are repeated as the request wants. */
  @Nullable Host pick(PickRequest request, LongSupplier random) {
    Host host = pickOnce(request, 0, random);
    for (int again = 1; host != null && again <= request.hostSelectionAttempts(); again++) {
      if (!request.tried(host)) {
        break;
      }
      host = pickOnce(request, again, random);
    }
    return host;
  }

  private @Nullable Host pickOnce(PickRequest request, int again, LongSupplier random) {
    if (levels.length == 1 && loads.degraded()[0] == 0) {
      return levels[0].healthy.pick(request, again, random);
    }
    PickRequest.PriorityFilter filter = request.priorities();
    PriorityLoads wanted = filter == null ? loads : loads.avoiding(filter);
    int chosen = wanted.choose(percentile(request, random));
    return chosen >= 0
        ? levels[chosen].healthy.pick(request, again, random)
        : levels[~chosen].degraded.pick(request, again, random);
  }

  /** 1 to 100. Hashing policies let the request's hash choose the priority, too, as Envoy does. */
  private int percentile(PickRequest request, LongSupplier random) {
    Long hash = hashing ? request.hash() : null;
    return (int) Long.remainderUnsigned(hash != null ? hash : random.getAsLong(), 100) + 1;
  }

  private static Picker picker(
      HostSet.Level level,
      LoadBalancing lb,
      HostSet set,
      Predicate<Host> which,
      String name,
      Function<String, AtomicInteger> cursors,
      LongSupplier clock) {
    if (lb.localityWeighted()) {
      Picker weighted =
          Pickers.hashing(lb)
              ? hashedLocalities(level, lb, which)
              : weightedLocalities(level, lb, set, which, name, cursors, clock);
      if (weighted != null) {
        return weighted;
      }
      // no locality has a weight: Envoy then takes all hosts alike
    }
    return Pickers.of(lb, members(level, which), () -> cursors.apply(name), clock);
  }

  private static @Nullable Picker weightedLocalities(
      HostSet.Level level,
      LoadBalancing lb,
      HostSet set,
      Predicate<Host> which,
      String name,
      Function<String, AtomicInteger> cursors,
      LongSupplier clock) {
    List<WeightedLocalities.Weighted> parts = new ArrayList<>();
    for (HostSet.Locality locality : level.localities()) {
      List<Host> available = locality.hosts().stream().filter(which).toList();
      double weight =
          WeightedLocalities.effective(
              locality.weight(),
              available.size(),
              locality.hosts().size(),
              set.overprovisioningPercent());
      if (weight > 0) {
        Picker picker =
            Pickers.of(lb, available, () -> cursors.apply(name + " " + locality.name()), clock);
        parts.add(new WeightedLocalities.Weighted(picker, weight));
      }
    }
    return parts.isEmpty()
        ? null
        : WeightedLocalities.of(parts, cursors.apply(name + " localities"));
  }

  /** Hashing policies weigh a locality's hosts by its weight, whatever the health of the others. */
  private static @Nullable Picker hashedLocalities(
      HostSet.Level level, LoadBalancing lb, Predicate<Host> which) {
    List<Host> hosts = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    double sum = 0;
    for (HostSet.Locality locality : level.localities()) {
      List<Host> available = locality.hosts().stream().filter(which).toList();
      double weight = Integer.toUnsignedLong(locality.weight());
      if (available.isEmpty() || weight == 0) {
        continue;
      }
      sum += weight;
      hosts.addAll(available);
      for (double share : Pickers.shares(Pickers.weights(available))) {
        shares.add(share * weight);
      }
    }
    double total = sum;
    return hosts.isEmpty()
        ? null
        : Pickers.ofShares(
            lb, hosts, shares.stream().mapToDouble(share -> share / total).toArray());
  }

  private static List<Host> members(HostSet.Level level, Predicate<Host> which) {
    List<Host> members = new ArrayList<>();
    for (HostSet.Locality locality : level.localities()) {
      for (Host host : locality.hosts()) {
        if (which.test(host)) {
          members.add(host);
        }
      }
    }
    return members;
  }

  private static boolean healthy(Host host) {
    return host.health() == Endpoint.Health.HEALTHY && !host.ejection().ejected();
  }

  private static boolean degraded(Host host) {
    return host.health() == Endpoint.Health.DEGRADED && !host.ejection().ejected();
  }

  /** One priority. In panic both pickers are over all hosts. */
  private record Level(Picker healthy, Picker degraded) {}
}
