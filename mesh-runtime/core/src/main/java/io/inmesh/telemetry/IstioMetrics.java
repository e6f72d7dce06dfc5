package io.inmesh.telemetry;

import io.inmesh.config.IstioStatsConfig;
import io.inmesh.config.IstioStatsConfig.MetricOverride;
import io.inmesh.match.Cel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Istio's standard metrics under one {@code istio.stats} configuration. The series of a kind of
 * request are found by one look-up; what Telemetry resources drop, remove and add is worked out
 * once for each.
 */
final class IstioMetrics {
  static final String REQUESTS = "requests_total";
  static final String DURATION = "request_duration_milliseconds";
  static final String REQUEST_BYTES = "request_bytes";
  static final String RESPONSE_BYTES = "response_bytes";
  static final String REQUEST_MESSAGES = "request_messages_total";
  static final String RESPONSE_MESSAGES = "response_messages_total";

  private static final int LIMIT = 10_000;

  private final Metrics metrics;
  private final Set<String> dropped = new HashSet<>();
  private final Map<String, Map<String, @Nullable Integer>> changes = new HashMap<>();
  private final List<Cel> expressions = new ArrayList<>();
  private final Map<IstioKey, IstioSeries> series = new ConcurrentHashMap<>();

  IstioMetrics(Metrics metrics, IstioStatsConfig config) {
    this.metrics = metrics;
    for (MetricOverride override : config.overrides()) {
      if (override.drop()) {
        dropped.add(override.metric());
        continue;
      }
      Map<String, @Nullable Integer> of =
          changes.computeIfAbsent(override.metric(), m -> new LinkedHashMap<>());
      override.tagsToRemove().forEach(tag -> of.put(tag, null));
      new TreeMap<>(override.dimensions())
          .forEach(
              (tag, expression) -> {
                of.put(tag, expressions.size());
                expressions.add(expression);
              });
    }
  }

  /** Whether labels depend on more of the request than its key. */
  boolean hasDimensions() {
    return !expressions.isEmpty();
  }

  /** Values of the labels that Telemetry adds, in the order of their expressions. */
  List<String> dimensions(Cel.Attributes attributes) {
    List<String> values = new ArrayList<>(expressions.size());
    for (Cel expression : expressions) {
      Object value = expression.value(attributes);
      values.add(value == Cel.ERROR ? IstioLabels.UNKNOWN : value.toString());
    }
    return values;
  }

  IstioSeries of(IstioKey key) {
    IstioSeries known = series.get(key);
    if (known != null) {
      return known;
    }
    IstioSeries made = make(key);
    if (series.size() < LIMIT) {
      series.put(key, made); // else: the families know their series all the same
    }
    return made;
  }

  private IstioSeries make(IstioKey key) {
    Labels labels = IstioLabels.of(key);
    return new IstioSeries(
        counter(REQUESTS, labels, key),
        histogram(DURATION, labels, key),
        histogram(REQUEST_BYTES, labels, key),
        histogram(RESPONSE_BYTES, labels, key),
        key.grpc() ? counter(REQUEST_MESSAGES, labels, key) : null,
        key.grpc() ? counter(RESPONSE_MESSAGES, labels, key) : null);
  }

  private @Nullable Counter counter(String metric, Labels labels, IstioKey key) {
    return dropped(metric)
        ? null
        : metrics
            .family("istio_" + metric, MetricFamily.Type.COUNTER, "")
            .counter(changed(metric, labels, key), "");
  }

  private @Nullable Histogram histogram(String metric, Labels labels, IstioKey key) {
    return dropped(metric)
        ? null
        : metrics
            .family("istio_" + metric, MetricFamily.Type.HISTOGRAM, "")
            .histogram(changed(metric, labels, key), "");
  }

  private boolean dropped(String metric) {
    return dropped.contains(metric) || dropped.contains("");
  }

  private Labels changed(String metric, Labels labels, IstioKey key) {
    Map<String, @Nullable Integer> all = changes.getOrDefault("", Map.of());
    Map<String, @Nullable Integer> own = changes.getOrDefault(metric, Map.of());
    if (all.isEmpty() && own.isEmpty()) {
      return labels;
    }
    Map<String, @Nullable Integer> both = new LinkedHashMap<>(all);
    both.putAll(own);
    Labels result = Labels.NONE;
    for (int i = 0; i < labels.size(); i++) {
      String name = labels.name(i);
      if (!both.containsKey(name)) {
        result = result.and(name, labels.value(i));
        continue;
      }
      Integer dimension = both.remove(name);
      if (dimension != null) {
        result = result.and(name, key.dimensions().get(dimension));
      }
    }
    for (Map.Entry<String, @Nullable Integer> added : both.entrySet()) {
      Integer dimension = added.getValue();
      if (dimension != null) {
        result = result.and(added.getKey(), key.dimensions().get(dimension));
      }
    }
    return result;
  }
}
