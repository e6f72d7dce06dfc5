package io.inmesh.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleConsumer;

/**
 * The same numbers through the application's OpenTelemetry: counters and gauges when its reader
 * asks, histograms as they are recorded, since the API knows no other way.
 */
final class OtelMetrics implements HistogramSink {
  private static final List<Double> BOUNDS = Arrays.stream(Histogram.BOUNDS).boxed().toList();

  private final Meter meter;
  private final Map<String, DoubleHistogram> histograms = new ConcurrentHashMap<>();
  private final Map<String, Boolean> observed = new ConcurrentHashMap<>();

  OtelMetrics(OpenTelemetry telemetry) {
    this.meter = telemetry.getMeter("io.inmesh");
  }

  @Override
  public DoubleConsumer of(String family, Labels labels) {
    DoubleHistogram histogram =
        histograms.computeIfAbsent(
            family,
            name -> {
              var builder = meter.histogramBuilder(name).setExplicitBucketBoundariesAdvice(BOUNDS);
              return unit(name).isEmpty() ? builder.build() : builder.setUnit(unit(name)).build();
            });
    Attributes attributes = attributes(labels);
    return value -> histogram.record(value, attributes);
  }

  private static String unit(String name) {
    return name.endsWith("_milliseconds") ? "ms" : name.endsWith("_bytes") ? "By" : "";
  }

  /**
   * Counters and gauges of these metrics, from now on. Families that appear later are offered from
   * the next read of any on.
   */
  void export(Metrics metrics) {
    // this one is always there, and finds the others
    meter
        .gaugeBuilder("inmesh_metric_families")
        .buildWithCallback(
            measurement -> {
              List<MetricFamily> all = metrics.read();
              all.forEach(family -> offer(metrics, family));
              measurement.record(all.size());
            });
    metrics.onFamily(
        family -> offer(metrics, new MetricFamily(family.name(), family.type(), "", List.of())));
  }

  private void offer(Metrics metrics, MetricFamily family) {
    if (family.type() == MetricFamily.Type.HISTOGRAM
        || observed.putIfAbsent(family.name(), true) != null) {
      return;
    }
    String name = family.name();
    if (family.type() == MetricFamily.Type.COUNTER) {
      meter
          .counterBuilder(name)
          .ofDoubles()
          .buildWithCallback(measurement -> read(metrics, name, measurement));
    } else {
      meter.gaugeBuilder(name).buildWithCallback(measurement -> read(metrics, name, measurement));
    }
  }

  private static void read(Metrics metrics, String name, ObservableDoubleMeasurement to) {
    MetricFamily family = metrics.read(name);
    if (family != null) {
      for (MetricFamily.Point point : family.points()) {
        to.record(point.value(), attributes(point.labels()));
      }
    }
  }

  private static Attributes attributes(Labels labels) {
    AttributesBuilder attributes = Attributes.builder();
    for (int i = 0; i < labels.size(); i++) {
      attributes.put(labels.name(i), labels.value(i));
    }
    return attributes.build();
  }
}
