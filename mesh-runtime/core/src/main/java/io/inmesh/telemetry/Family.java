package io.inmesh.telemetry;

import io.inmesh.telemetry.MetricFamily.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The series of one name. Bounded: what comes after the limit is counted in one series. */
final class Family {
  /** Of each name. A sidecar has no limit; a process that others can make grow needs one. */
  static final int LIMIT = 5_000;

  private final String name;
  private final Type type;
  private final String help;
  private final Map<Labels, Cell> cells = new ConcurrentHashMap<>();
  private final @Nullable HistogramSink sink;

  Family(String name, Type type, String help, @Nullable HistogramSink sink) {
    this.name = name;
    this.type = type;
    this.help = help;
    this.sink = sink;
  }

  String name() {
    return name;
  }

  Type type() {
    return type;
  }

  Counter counter(Labels labels, String stat) {
    return (Counter) cell(labels, all -> new Counter(all, stat));
  }

  Histogram histogram(Labels labels, String stat) {
    return (Histogram)
        cell(labels, all -> new Histogram(all, stat, sink == null ? null : sink.of(name, all)));
  }

  private Cell cell(Labels labels, Function<Labels, Cell> make) {
    Cell known = cells.get(labels);
    if (known != null) {
      return known;
    }
    Labels place = cells.size() < LIMIT ? labels : Labels.OVERFLOW;
    return cells.computeIfAbsent(place, make);
  }

  Collection<Cell> cells() {
    return cells.values();
  }

  MetricFamily snapshot() {
    List<MetricFamily.Point> points = new ArrayList<>(cells.size());
    for (Cell cell : cells.values()) {
      points.add(point(cell));
    }
    return new MetricFamily(name, type, help, points);
  }

  private static MetricFamily.Point point(Cell cell) {
    if (cell instanceof Counter counter) {
      return new MetricFamily.Point(cell.labels(), cell.stat(), counter.value(), List.of());
    }
    Histogram histogram = (Histogram) cell;
    List<Long> buckets = new ArrayList<>();
    for (long count : histogram.counts()) {
      buckets.add(count);
    }
    return new MetricFamily.Point(cell.labels(), cell.stat(), histogram.sum(), buckets);
  }
}
