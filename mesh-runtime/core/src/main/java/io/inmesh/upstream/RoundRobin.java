package io.inmesh.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** ROUND_ROBIN over hosts in the order of turns; the counter outlives the host set. */
final class RoundRobin implements Picker {
  private final Host[] turns;
  private final AtomicInteger next;

  RoundRobin(Host[] hosts, long[] weights, AtomicInteger next) {
    this.next = next;
    if (Pickers.equal(weights)) {
      turns = hosts;
    } else {
      int[] order = WeightedSchedule.of(weights);
      turns = new Host[order.length];
      for (int i = 0; i < order.length; i++) {
        turns[i] = hosts[order[i]];
      }
    }
  }

  @Override
  public Host pick(PickRequest request, int again, LongSupplier random) {
    return turns[Integer.remainderUnsigned(next.getAndIncrement(), turns.length)];
  }
}
