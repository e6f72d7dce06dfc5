package io.inmesh.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** One series of values in Envoy's buckets; recording takes no lock and allocates nothing. */
final class Histogram extends Cell {
  /** Envoy's, for milliseconds and bytes alike; Istio's metrics have the same. */
  static final double[] BOUNDS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000
  };

  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
  private final LongAdder sum = new LongAdder();
  private final @Nullable DoubleConsumer also;

  /**
   * @param also told of each value: an OpenTelemetry histogram
   */
  Histogram(Labels labels, String stat, @Nullable DoubleConsumer also) {
    super(labels, stat);
    this.also = also;
  }

  void record(long value) {
    int bucket = 0;
    while (bucket < BOUNDS.length && value > BOUNDS[bucket]) {
      bucket++;
    }
    counts.getAndIncrement(bucket);
    sum.add(value);
    if (also != null) {
      also.accept(value);
    }
  }

  /** Not cumulative; the last one is beyond the last bound. */
  long[] counts() {
    long[] copy = new long[counts.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.get(i);
    }
    return copy;
  }

  long sum() {
    return sum.sum();
  }
}
