package io.inmesh.upstream;

import io.inmesh.config.LoadBalancing;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the picker that a policy asks for. */
final class Pickers {
  private Pickers() {}

  static Picker of(LoadBalancing lb, List<Host> members, AtomicInteger cursor) {
    if (members.isEmpty()) {
      return Picker.NONE;
    }
    Host[] hosts = members.toArray(Host[]::new);
    long[] weights = new long[hosts.length];
    for (int i = 0; i < hosts.length; i++) {
      weights[i] = Math.max(1, Integer.toUnsignedLong(hosts[i].endpoint().weight()));
    }
    return switch (lb.policy()) {
      case ROUND_ROBIN -> new RoundRobin(hosts, weights, cursor);
      case LEAST_REQUEST ->
          equal(weights)
              ? new LeastRequest(hosts, lb.choices())
              : new WeightedLeastRequest(hosts, weights, lb.activeRequestBias(), cursor);
      // RANDOM ignores host weights, as in Envoy. CLUSTER_PROVIDED is ORIGINAL_DST's, which picks
      // for itself. RING_HASH and MAGLEV are refused by the configuration compiler.
      case RANDOM, CLUSTER_PROVIDED, RING_HASH, MAGLEV ->
          (request, again, random) ->
              hosts[(int) Long.remainderUnsigned(random.getAsLong(), hosts.length)];
    };
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
