package io.inmesh.upstream;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** {@code locality_weighted_lb_config}: first a locality by its weight, then a host in it. */
final class WeightedLocalities implements Picker {
  /** Effective weights are fractions; this many parts are kept of each. */
  private static final double PARTS = 1_000_000;

  private final Picker[] localities;
  private final int[] order;
  private final AtomicInteger next;

  private WeightedLocalities(Picker[] localities, int[] order, AtomicInteger next) {
    this.localities = localities;
    this.order = order;
    this.next = next;
  }

  /** The picker of a locality with its effective weight, more than 0. */
  record Weighted(Picker picker, double weight) {}

  /**
   * A locality's weight, less when so few of its hosts are available that over-provisioning does
   * not make up for it.
   */
  static double effective(int weight, int available, int all, int overprovisioningPercent) {
    return all == 0
        ? 0
        : Integer.toUnsignedLong(weight)
            * Math.min(1, overprovisioningPercent / 100.0 * available / all);
  }

  static WeightedLocalities of(List<Weighted> parts, AtomicInteger next) {
    long[] weights =
        parts.stream().mapToLong(p -> Math.max(1, Math.round(p.weight * PARTS))).toArray();
    return new WeightedLocalities(
        parts.stream().map(Weighted::picker).toArray(Picker[]::new),
        WeightedSchedule.of(weights),
        next);
  }

  @Override
  public @Nullable Host pick(PickRequest request, int again, LongSupplier random) {
    int turn = order[Integer.remainderUnsigned(next.getAndIncrement(), order.length)];
    return localities[turn].pick(request, again, random);
  }
}
