package io.inmesh.config;

import java.util.List;

/**
 * {@code client_side_weighted_round_robin}: weights from what hosts report of their load.
 *
 * @param blackoutNanos {@code blackout_period}, 10 s when missing: so long a host reports before
 *     its weight counts
 * @param expirationNanos {@code weight_expiration_period}, 3 min when missing: after so long
 *     without a report its weight counts no more
 * @param updateNanos {@code weight_update_period}, 1 s when missing, at least 100 ms
 * @param errorPenalty {@code error_utilization_penalty}; 1.0 when missing
 * @param metrics {@code metric_names_for_computing_utilization}
 */
public record ReportedWeights(
    long blackoutNanos,
    long expirationNanos,
    long updateNanos,
    double errorPenalty,
    List<String> metrics) {
  /** What a host without a report of its own weighs when nobody has one. */
  public static final long UNREPORTED = 1;

  private static final double MOST = 0xffff_ffffL;

  public ReportedWeights {
    metrics = List.copyOf(metrics);
  }

  /**
   * What a host weighs by that report, as Envoy has it: {@code qps / (utilization + eps / qps *
   * penalty)}.
   *
   * @return 0: it says nothing about that (no QPS, or no utilization)
   */
  public long weight(LoadReport report) {
    double qps = report.requestsPerSecond();
    if (!(qps > 0)) {
      return 0;
    }
    double utilization =
        report.utilization(metrics) + errorPenalty * report.errorsPerSecond() / qps;
    return utilization > 0 ? (long) Math.min(qps / utilization, MOST) : 0;
  }
}
