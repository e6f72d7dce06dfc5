package io.inmesh.upstream;

import io.inmesh.config.LoadBalancing;
import io.inmesh.config.LoadBalancing.Policy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** Makes the picker that a policy asks for. */
final class Pickers {
  private Pickers() {}

  static boolean hashing(LoadBalancing lb) {
    return lb.policy() == Policy.RING_HASH || lb.policy() == Policy.MAGLEV;
  }

  /**
   * @param cursor asked for by policies that have one
   * @param clock for hosts that start slowly
   */
  static Picker of(
      LoadBalancing lb, List<Host> members, Supplier<AtomicInteger> cursor, LongSupplier clock) {
    if (members.isEmpty()) {
      return Picker.NONE;
    }
    Picker usual = usual(lb, members, cursor);
    if (lb.slowStartNanos() == 0 || members.size() == 1) {
      return usual;
    }
    return switch (lb.policy()) {
      case ROUND_ROBIN -> SlowStart.of(lb, members, clock, usual, usual);
      case LEAST_REQUEST ->
          SlowStart.of(
              lb,
              members,
              clock,
              new WeightedLeastRequest(
                  members.toArray(Host[]::new),
                  weights(members),
                  lb.activeRequestBias(),
                  cursor.get()),
              usual);
      case RANDOM, CLUSTER_PROVIDED, RING_HASH, MAGLEV, CLIENT_SIDE_WEIGHTED_ROUND_ROBIN -> usual;
    };
  }

  private static Picker usual(
      LoadBalancing lb, List<Host> members, Supplier<AtomicInteger> cursor) {
    Host[] hosts = members.toArray(Host[]::new);
    long[] weights = weights(members);
    return switch (lb.policy()) {
      case ROUND_ROBIN -> new RoundRobin(hosts, weights, cursor.get());
      case CLIENT_SIDE_WEIGHTED_ROUND_ROBIN ->
          new RoundRobin(
              hosts,
              members.stream().mapToLong(host -> host.reported().effective).toArray(),
              cursor.get());
      case LEAST_REQUEST ->
          equal(weights)
              ? new LeastRequest(hosts, lb.choices())
              : new WeightedLeastRequest(hosts, weights, lb.activeRequestBias(), cursor.get());
      // RANDOM ignores host weights, as in Envoy. CLUSTER_PROVIDED is ORIGINAL_DST's, which picks
      // for itself.
      case RANDOM, CLUSTER_PROVIDED ->
          (request, again, random) ->
              hosts[(int) Long.remainderUnsigned(random.getAsLong(), hosts.length)];
      case RING_HASH, MAGLEV -> ofShares(lb, members, shares(weights));
    };
  }

  /**
   * For the hashing policies.
   *
   * @param shares of each member, summing up to 1
   */
  static Picker ofShares(LoadBalancing lb, List<Host> members, double[] shares) {
    if (members.isEmpty()) {
      return Picker.NONE;
    }
    Host[] hosts = members.toArray(Host[]::new);
    return lb.policy() == Policy.MAGLEV
        ? new Maglev(hosts, shares, lb.minimumRingSize())
        : new RingHash(hosts, shares, lb.minimumRingSize());
  }

  static long[] weights(List<Host> members) {
    return members.stream()
        .mapToLong(host -> Math.max(1, Integer.toUnsignedLong(host.endpoint().weight())))
        .toArray();
  }

  static double[] shares(long[] weights) {
    double sum = LongStream.of(weights).asDoubleStream().sum();
    return LongStream.of(weights).mapToDouble(weight -> weight / sum).toArray();
  }

  static boolean equal(long[] weights) {
    for (long weight : weights) {
      if (weight != weights[0]) {
        return false;
      }
    }
    return true;
  }
}
