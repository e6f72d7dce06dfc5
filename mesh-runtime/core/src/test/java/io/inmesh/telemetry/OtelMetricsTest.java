package io.inmesh.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** OpenTelemetry exports what Prometheus reads: one recorder. */
class OtelMetricsTest {
  private final InMemoryMetricReader reader = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(reader).build())
          .build();
  private final Telemetry telemetry =
      Telemetry.builder(() -> 0).metrics().openTelemetry(sdk).build();
  private final Metrics metrics = Objects.requireNonNull(telemetry.metrics());

  @Test
  void bothSayTheSame() {
    EnvoyScope reviews = EnvoyScope.cluster("reviews");
    reviews.counter(metrics, "upstream_rq_total").add(3);
    reviews.upDown(metrics, "upstream_rq_active").add(2);
    reviews.histogram(metrics, "upstream_rq_time").record(7);
    reviews.histogram(metrics, "upstream_rq_time").record(70_000);
    metrics
        .family("istio_requests_total", MetricFamily.Type.COUNTER, "")
        .counter(Labels.of("reporter", "source"), "")
        .add(5);
    metrics.onRead(gauges -> gauges.gauge("inmesh_build_info", "", Labels.of("version", "1"), 1));
    reader.collectAllMetrics(); // finds what is only read

    Map<String, String> exported = exported(reader.collectAllMetrics());

    assertThat(exported).isEqualTo(read());
    assertThat(exported)
        .containsEntry("istio_requests_total{reporter=source}", "5.0")
        .containsEntry("inmesh_build_info{version=1}", "1.0")
        .hasSize(5);
  }

  private Map<String, String> read() {
    Map<String, String> all = new TreeMap<>();
    for (MetricFamily family : metrics.read()) {
      for (MetricFamily.Point point : family.points()) {
        StringBuilder name = new StringBuilder(family.name()).append('{');
        for (int i = 0; i < point.labels().size(); i++) {
          name.append(point.labels().name(i)).append('=').append(point.labels().value(i));
        }
        String value =
            family.type() == MetricFamily.Type.HISTOGRAM
                ? point.value() + " in " + point.buckets()
                : String.valueOf(point.value());
        all.put(name.append('}').toString(), value);
      }
    }
    return all;
  }

  private static Map<String, String> exported(Collection<MetricData> data) {
    Map<String, String> all = new TreeMap<>();
    for (MetricData metric : data) {
      if (metric.getName().equals("inmesh_metric_families")) {
        continue;
      }
      switch (metric.getType()) {
        case DOUBLE_SUM ->
            metric
                .getDoubleSumData()
                .getPoints()
                .forEach(p -> all.put(name(metric, p.getAttributes()), "" + p.getValue()));
        case DOUBLE_GAUGE ->
            metric
                .getDoubleGaugeData()
                .getPoints()
                .forEach(p -> all.put(name(metric, p.getAttributes()), "" + p.getValue()));
        default -> {
          for (HistogramPointData p : metric.getHistogramData().getPoints()) {
            assertThat(p.getBoundaries()).hasSize(Histogram.BOUNDS.length);
            all.put(name(metric, p.getAttributes()), p.getSum() + " in " + p.getCounts());
          }
        }
      }
    }
    return all;
  }

  private static String name(MetricData metric, Attributes attributes) {
    StringBuilder name = new StringBuilder(metric.getName()).append('{');
    attributes.forEach((key, value) -> name.append(key.getKey()).append('=').append(value));
    return name.append('}').toString();
  }
}
