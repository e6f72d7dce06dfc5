package io.inmesh.config;

import io.inmesh.proto.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.inmesh.proto.envoy.config.core.v3.RoutingPriority;

/** {@code envoy.config.cluster.v3.CircuitBreakers}, one priority at a time. */
final class CircuitBreakersCompiler {
  private static final double BUDGET_PERCENT = 20;
  private static final long MIN_RETRY_CONCURRENCY = 3;

  private CircuitBreakersCompiler() {}

  /** The first entry of that priority counts, as in Envoy; without one the defaults hold. */
  static CircuitBreakers compile(
      io.inmesh.proto.envoy.config.cluster.v3.CircuitBreakers proto, RoutingPriority priority) {
    for (Thresholds thresholds : proto.getThresholdsList()) {
      if (thresholds.getPriority() == priority) {
        return compile(thresholds);
      }
    }
    return CircuitBreakers.DEFAULTS;
  }

  private static CircuitBreakers compile(Thresholds proto) {
    CircuitBreakers defaults = CircuitBreakers.DEFAULTS;
    double percent = -1;
    long concurrency = defaults.minRetryConcurrency();
    if (proto.hasRetryBudget()) {
      var budget = proto.getRetryBudget();
      percent = budget.hasBudgetPercent() ? budget.getBudgetPercent().getValue() : BUDGET_PERCENT;
      if (!(percent >= 0 && percent <= 100)) {
        throw new ConfigException(
            "thresholds.retry_budget.budget_percent", "must be 0 to 100, is " + percent);
      }
      concurrency =
          Values.unsigned(
              budget.hasMinRetryConcurrency(),
              budget.getMinRetryConcurrency(),
              MIN_RETRY_CONCURRENCY);
    }
    return new CircuitBreakers(
        Values.unsigned(
            proto.hasMaxConnections(), proto.getMaxConnections(), defaults.maxConnections()),
        Values.unsigned(
            proto.hasMaxPendingRequests(),
            proto.getMaxPendingRequests(),
            defaults.maxPendingRequests()),
        Values.unsigned(proto.hasMaxRequests(), proto.getMaxRequests(), defaults.maxRequests()),
        Values.unsigned(proto.hasMaxRetries(), proto.getMaxRetries(), defaults.maxRetries()),
        percent,
        concurrency);
  }
}
