package io.inmesh.benchmarks.performance;

import java.util.Arrays;
import java.util.List;

/** What the callers of one round waited. One for each thread; read when all are done. */
final class Latencies {
  private long[] nanos = new long[1 << 12];
  private int count;
  private int failures;

  void add(long waited, boolean good) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, count * 2);
    }
    nanos[count++] = waited;
    if (!good) {
      failures++;
    }
  }

  static int failures(List<Latencies> of) {
    return of.stream().mapToInt(each -> each.failures).sum();
  }

  /** Of all threads together, ascending. */
  static long[] sorted(List<Latencies> of) {
    long[] all = new long[of.stream().mapToInt(each -> each.count).sum()];
    int at = 0;
    for (Latencies each : of) {
      System.arraycopy(each.nanos, 0, all, at, each.count);
      at += each.count;
    }
    Arrays.sort(all);
    return all;
  }

  /** The value that a fraction of all do not exceed; 0 of nothing. */
  static long at(long[] sorted, double fraction) {
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(fraction * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }
}
