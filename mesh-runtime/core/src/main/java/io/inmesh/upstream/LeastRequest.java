package io.inmesh.upstream;

import java.util.function.LongSupplier;

/**
 * LEAST_REQUEST with equal weights: of {@code choice_count} random hosts the one with the fewest
 * active requests, the first of equals.
 */
final class LeastRequest implements Picker {
  private final Host[] hosts;
  private final int choices;

  LeastRequest(Host[] hosts, int choices) {
    this.hosts = hosts;
    this.choices = Math.max(2, choices);
  }

  @Override
  public Host pick(PickRequest request, int again, LongSupplier random) {
    if (hosts.length == 1) {
      return hosts[0];
    }
    Host best = null;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < choices; i++) {
      Host host = hosts[(int) Long.remainderUnsigned(random.getAsLong(), hosts.length)];
      int active = host.active();
      if (best == null || active < least) {
        best = host;
        least = active;
      }
    }
    return java.util.Objects.requireNonNull(best);
  }
}
