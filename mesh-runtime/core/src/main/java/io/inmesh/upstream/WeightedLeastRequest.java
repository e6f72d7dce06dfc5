package io.inmesh.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * LEAST_REQUEST with different weights: shares in proportion to {@code weight / (active +
 * 1)^active_request_bias}. Envoy keeps a deadline heap of these, which needs a lock; here up to
 * {@value #SCANNED} hosts are drawn from at random with exactly these weights, more are first
 * narrowed down to so many by the static weights. Shares agree, the order of picks does not.
 */
final class WeightedLeastRequest implements Picker {
  static final int SCANNED = 32;

  private final Host[] hosts;
  private final double[] weights;
  private final double bias;
  private final int[] order;
  private final AtomicInteger next;

  WeightedLeastRequest(Host[] hosts, long[] weights, double bias, AtomicInteger next) {
    this.hosts = hosts;
    this.bias = bias;
    this.next = next;
    boolean narrow = hosts.length > SCANNED;
    this.order = narrow ? WeightedSchedule.of(weights) : new int[0];
    this.weights = new double[hosts.length];
    for (int i = 0; i < hosts.length; i++) {
      // the schedule has done the weighing already
      this.weights[i] = narrow ? 1 : weights[i];
    }
  }

  @Override
  public Host pick(PickRequest request, int again, LongSupplier random) {
    int count = Math.min(SCANNED, hosts.length);
    int start = order.length == 0 ? 0 : next.getAndAdd(count);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weight(at(start, i));
    }
    // 53 random bits as a fraction of one
    double point = (random.getAsLong() >>> 11) * 0x1.0p-53 * sum;
    int last = at(start, 0);
    for (int i = 0; i < count; i++) {
      last = at(start, i);
      point -= weight(last);
      if (point < 0) {
        break; // else active counts grew meanwhile, and the last one is as good
      }
    }
    return hosts[last];
  }

  private int at(int start, int i) {
    return order.length == 0 ? i : order[Integer.remainderUnsigned(start + i, order.length)];
  }

  private double weight(int index) {
    int active = hosts[index].active();
    double load = bias == 1.0 ? active + 1 : Math.pow(active + 1.0, bias);
    return weights[index] / load;
  }
}
