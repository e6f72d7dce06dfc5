package io.inmesh.config;

/**
 * {@code OutlierDetection}; every default is Envoy's and is filled in by the compiler. Times in
 * nanoseconds, percents 0 to 100.
 *
 * @param splitLocalOrigin {@code split_external_local_origin_errors}
 */
public record OutlierDetection(
    int consecutive5xx,
    int enforcingConsecutive5xx,
    int consecutiveGateway,
    int enforcingConsecutiveGateway,
    boolean splitLocalOrigin,
    int consecutiveLocalOrigin,
    int enforcingConsecutiveLocalOrigin,
    long intervalNanos,
    long baseEjectionNanos,
    long maxEjectionNanos,
    long maxEjectionJitterNanos,
    int maxEjectionPercent,
    boolean alwaysEjectOneHost,
    int successRateMinimumHosts,
    int successRateRequestVolume,
    int successRateStdevFactor,
    int enforcingSuccessRate,
    int enforcingLocalOriginSuccessRate,
    int failurePercentageThreshold,
    int enforcingFailurePercentage,
    int failurePercentageMinimumHosts,
    int failurePercentageRequestVolume) {}
