package io.inmesh.config;

import java.util.List;
import java.util.Map;

/**
 * What a host says of its load (ORCA): utilizations as fractions, which may be above 1.
 *
 * @param others by {@code utilization.NAME}, {@code request_cost.NAME}, {@code named_metrics.NAME}
 *     and the names of the report's own fields
 */
public record LoadReport(
    double applicationUtilization,
    double cpuUtilization,
    double requestsPerSecond,
    double errorsPerSecond,
    Map<String, Double> others) {

  public LoadReport {
    others = Map.copyOf(others);
  }

  /**
   * {@code application_utilization}; if it is not said the greatest of those metrics; if none of
   * them is said {@code cpu_utilization}.
   */
  double utilization(List<String> metrics) {
    if (applicationUtilization > 0) {
      return applicationUtilization;
    }
    double greatest = 0;
    for (String metric : metrics) {
      greatest = Math.max(greatest, others.getOrDefault(metric, 0.0));
    }
    return greatest > 0 ? greatest : cpuUtilization;
  }
}
