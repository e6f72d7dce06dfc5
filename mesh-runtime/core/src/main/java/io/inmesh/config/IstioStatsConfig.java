package io.inmesh.config;

import io.inmesh.match.Cel;
import java.util.List;
import java.util.Map;

/**
 * A compiled {@code stats.PluginConfig}: Istio's standard metrics, and what Telemetry resources
 * change in them.
 *
 * @param hostHeaderFallback the request's host names the destination where no cluster does: not
 *     {@code disable_host_header_fallback}
 * @param overrides in their order
 */
public record IstioStatsConfig(boolean hostHeaderFallback, List<MetricOverride> overrides) {
  /** Without any override, as a server or client gets it. */
  public static IstioStatsConfig standard(boolean inbound) {
    return new IstioStatsConfig(!inbound, List.of());
  }

  /**
   * {@code MetricConfig}.
   *
   * @param metric {@code requests_total}, without {@code istio_}; empty: every metric
   * @param tagsToRemove names of labels
   * @param dimensions labels that get another value, or are added
   */
  public record MetricOverride(
      String metric, boolean drop, List<String> tagsToRemove, Map<String, Cel> dimensions) {}
}
