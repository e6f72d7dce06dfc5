package io.inmesh.upstream;

import io.inmesh.config.ReportedWeights;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Works out anew, each {@code weight_update_period}, what the hosts of a cluster weigh by their
 * load reports. A host without a weight of its own weighs what the median of the others does. There
 * is no timer: the first request after the period does it. Thread-safe, no lock.
 */
final class WeightUpdates {
  private final ReportedWeights rules;
  private final AtomicLong nextNanos;

  WeightUpdates(ReportedWeights rules, long nowNanos) {
    this.rules = rules;
    this.nextNanos = new AtomicLong(nowNanos + rules.updateNanos());
  }

  ReportedWeights rules() {
    return rules;
  }

  /** Whether weights have changed: pickers are to be made anew. */
  boolean tick(List<Host> hosts, long nowNanos) {
    long next = nextNanos.get();
    return nowNanos - next >= 0
        && nextNanos.compareAndSet(next, nowNanos + rules.updateNanos())
        && update(hosts, nowNanos);
  }

  private boolean update(List<Host> hosts, long nowNanos) {
    long[] weights = new long[hosts.size()];
    long[] told = new long[hosts.size()];
    int count = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = hosts.get(i).reported().valid(rules, nowNanos);
      if (weights[i] != 0) {
        told[count++] = weights[i];
      }
    }
    long otherwise = count == 0 ? ReportedWeights.UNREPORTED : median(told, count);
    boolean changed = false;
    for (int i = 0; i < weights.length; i++) {
      ReportedWeight weight = hosts.get(i).reported();
      long now = weights[i] == 0 ? otherwise : weights[i];
      changed |= weight.effective != now;
      weight.effective = now;
    }
    return changed;
  }

  private static long median(long[] values, int count) {
    Arrays.sort(values, 0, count);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
  }
}
