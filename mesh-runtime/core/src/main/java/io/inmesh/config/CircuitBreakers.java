package io.inmesh.config;

/**
 * {@code CircuitBreakers.Thresholds} of one priority. Envoy's defaults are 1024, 1024, 1024 and 3;
 * istiod sends 2^32-1 where nothing is configured.
 *
 * @param budgetPercent {@code retry_budget.budget_percent}; negative: no budget, {@code maxRetries}
 *     holds
 */
public record CircuitBreakers(
    long maxConnections,
    long maxPendingRequests,
    long maxRequests,
    long maxRetries,
    double budgetPercent,
    long minRetryConcurrency) {
  public static final CircuitBreakers DEFAULTS = new CircuitBreakers(1024, 1024, 1024, 3, -1, 3);
}
