package io.inmesh.config;

import io.inmesh.config.IstioStatsConfig.MetricOverride;
import io.inmesh.match.Cel;
import io.inmesh.proto.stats.MetricConfig;
import io.inmesh.proto.stats.PluginConfig;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code stats.PluginConfig}. Metrics refuse no request: what is not understood is said. */
final class IstioStatsCompiler {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.telemetry");

  private IstioStatsCompiler() {}

  static IstioStatsConfig compile(PluginConfig proto, String place) {
    if (proto.getDefinitionsCount() > 0) {
      LOG.atWarn()
          .addKeyValue("listener", place)
          .log(
              "istio.stats definitions (metrics of the configuration's own) are not made: {}",
              proto.getDefinitionsList().stream().map(d -> d.getName()).toList());
    }
    return new IstioStatsConfig(
        !proto.getDisableHostHeaderFallback(),
        proto.getMetricsList().stream().map(metric -> override(metric, place)).toList());
  }

  private static MetricOverride override(MetricConfig proto, String place) {
    Map<String, Cel> dimensions = new TreeMap<>();
    proto
        .getDimensionsMap()
        .forEach(
            (tag, expression) -> {
              try {
                dimensions.put(tag, Cel.compile(expression));
              } catch (IllegalArgumentException e) {
                LOG.atWarn()
                    .addKeyValue("listener", place)
                    .log("istio.stats: the label {} is \"unknown\": {}", tag, e.getMessage());
                dimensions.put(tag, attributes -> Cel.ERROR);
              }
            });
    return new MetricOverride(
        proto.getName(), proto.getDrop(), proto.getTagsToRemoveList(), Map.copyOf(dimensions));
  }
}
