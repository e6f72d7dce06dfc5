package io.inmesh.config;

import org.jspecify.annotations.Nullable;

/**
 * {@code lb_policy} and the {@code common_lb_config} that belongs to it.
 *
 * @param choices {@code least_request_lb_config.choice_count}; 2 when missing
 * @param activeRequestBias {@code active_request_bias}; 1.0 when missing
 * @param panicPercent {@code healthy_panic_threshold}; 50 when missing, 0 = off
 * @param localityWeighted {@code locality_weighted_lb_config} is set
 * @param minimumRingSize {@code ring_hash_lb_config.minimum_ring_size} (1024) or Maglev's table
 *     size (65537)
 * @param slowStartNanos {@code slow_start_config.slow_start_window}; 0 = none
 * @param reported for CLIENT_SIDE_WEIGHTED_ROUND_ROBIN alone
 */
public record LoadBalancing(
    Policy policy,
    int choices,
    double activeRequestBias,
    double panicPercent,
    boolean localityWeighted,
    long minimumRingSize,
    long slowStartNanos,
    double slowStartAggression,
    double slowStartMinWeightPercent,
    @Nullable ReportedWeights reported) {

  public enum Policy {
    ROUND_ROBIN,
    LEAST_REQUEST,
    RANDOM,
    RING_HASH,
    MAGLEV,
    CLIENT_SIDE_WEIGHTED_ROUND_ROBIN,
    CLUSTER_PROVIDED
  }

  /** A policy that asks hosts for no reports. */
  public LoadBalancing(
      Policy policy,
      int choices,
      double activeRequestBias,
      double panicPercent,
      boolean localityWeighted,
      long minimumRingSize,
      long slowStartNanos,
      double slowStartAggression,
      double slowStartMinWeightPercent) {
    this(
        policy,
        choices,
        activeRequestBias,
        panicPercent,
        localityWeighted,
        minimumRingSize,
        slowStartNanos,
        slowStartAggression,
        slowStartMinWeightPercent,
        null);
  }

  /** By what hosts report of their load. */
  public static LoadBalancing of(ReportedWeights reported, double panicPercent) {
    return new LoadBalancing(
        Policy.CLIENT_SIDE_WEIGHTED_ROUND_ROBIN,
        2,
        1.0,
        panicPercent,
        false,
        1024,
        0,
        1.0,
        10,
        reported);
  }

  public static LoadBalancing of(Policy policy) {
    return new LoadBalancing(policy, 2, 1.0, 50, false, 1024, 0, 1.0, 10);
  }
}
