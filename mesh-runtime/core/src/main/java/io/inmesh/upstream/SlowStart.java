package io.inmesh.upstream;

import io.inmesh.config.LoadBalancing;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives new hosts less than their weight, and more of it with time: Envoy's {@code
 * slow_start_config}, factor {@code max(min_weight_percent, (age / window)^(1 / aggression))}. A
 * pick is taken with that probability, else repeated; shares are then as if weights were
 * multiplied, and no table has to be made anew as time goes by.
 */
final class SlowStart implements Picker {
  /** So many picks at most: with every host new, none is much more welcome than another. */
  private static final int TRIES = 64;

  private final Picker weighted;
  private final Picker otherwise;
  private final LoadBalancing lb;
  private final LongSupplier clock;
  private final long endNanos;

  private SlowStart(
      Picker weighted, Picker otherwise, LoadBalancing lb, LongSupplier clock, long endNanos) {
    this.weighted = weighted;
    this.otherwise = otherwise;
    this.lb = lb;
    this.clock = clock;
    this.endNanos = endNanos;
  }

  /**
   * @param weighted picks by weights while a host is new
   * @param otherwise picks afterwards
   */
  static Picker of(
      LoadBalancing lb, List<Host> members, LongSupplier clock, Picker weighted, Picker otherwise) {
    long now = clock.getAsLong();
    long left = 0;
    for (Host host : members) {
      left = Math.max(left, lb.slowStartNanos() - (now - host.startedNanos()));
    }
    return left <= 0 ? otherwise : new SlowStart(weighted, otherwise, lb, clock, now + left);
  }

  @Override
  public @Nullable Host pick(PickRequest request, int again, LongSupplier random) {
    long now = clock.getAsLong();
    if (now - endNanos >= 0) {
      return otherwise.pick(request, again, random);
    }
    Host host = weighted.pick(request, again, random);
    for (int i = 1; host != null && i < TRIES; i++) {
      // 53 random bits as a fraction of one
      if ((random.getAsLong() >>> 11) * 0x1.0p-53 < factor(now - host.startedNanos())) {
        return host;
      }
      host = weighted.pick(request, again, random);
    }
    return host;
  }

  private double factor(long ageNanos) {
    double age = Math.max(1_000_000.0, ageNanos) / lb.slowStartNanos();
    if (age >= 1) {
      return 1;
    }
    double grown =
        lb.slowStartAggression() == 1.0 ? age : Math.pow(age, 1 / lb.slowStartAggression());
    return Math.max(grown, lb.slowStartMinWeightPercent() / 100);
  }
}
