package io.inmesh.telemetry;

import java.util.List;

/**
 * All series of one name, at one moment.
 *
 * @param name Prometheus's, with {@code _total} where it has one
 */
public record MetricFamily(String name, Type type, String help, List<Point> points) {
  /** What Prometheus calls it. */
  public enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /**
   * One series.
   *
   * @param stat Envoy's name with dots; empty: none
   * @param value of a counter or gauge; of a histogram the sum
   * @param buckets counts in {@link #bounds}, not cumulative, the last beyond the last bound;
   *     empty: no histogram
   */
  public record Point(Labels labels, String stat, double value, List<Long> buckets) {
    /** How many values a histogram has. */
    public long count() {
      return buckets.stream().mapToLong(Long::longValue).sum();
    }
  }

  /** Upper bounds of every histogram's buckets, inclusive. */
  public static double[] bounds() {
    return Histogram.BOUNDS.clone();
  }
}
