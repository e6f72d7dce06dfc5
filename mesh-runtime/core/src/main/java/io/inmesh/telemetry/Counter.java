package io.inmesh.telemetry;

import java.util.concurrent.atomic.LongAdder;

/** One series that only rises; adding takes no lock and allocates nothing. */
final class Counter extends Cell {
  private final LongAdder value = new LongAdder();

  Counter(Labels labels, String stat) {
    super(labels, stat);
  }

  void increment() {
    value.increment();
  }

  /** Down as well: a gauge that is counted. */
  void add(long amount) {
    value.add(amount);
  }

  long value() {
    return value.sum();
  }
}
