package io.inmesh.config;

import java.util.concurrent.TimeUnit;

/** {@code envoy.config.cluster.v3.OutlierDetection} with the defaults of Envoy's API. */
final class OutlierDetectionCompiler {
  private OutlierDetectionCompiler() {}

  static OutlierDetection compile(io.inmesh.proto.envoy.config.cluster.v3.OutlierDetection proto) {
    if (proto.getMonitorsCount() > 0) {
      throw ConfigException.notYet("monitors", "not implemented");
    }
    long base =
        Values.positiveNanos(
            "base_ejection_time",
            proto.hasBaseEjectionTime(),
            proto.getBaseEjectionTime(),
            TimeUnit.SECONDS.toNanos(30));
    long max =
        Values.positiveNanos(
            "max_ejection_time",
            proto.hasMaxEjectionTime(),
            proto.getMaxEjectionTime(),
            Math.max(base, TimeUnit.SECONDS.toNanos(300)));
    if (max < base) {
      throw new ConfigException("max_ejection_time", "must not be less than base_ejection_time");
    }
    return new OutlierDetection(
        Values.number(proto.hasConsecutive5Xx(), proto.getConsecutive5Xx(), 5),
        Values.percent(
            "enforcing_consecutive_5xx",
            proto.hasEnforcingConsecutive5Xx(),
            proto.getEnforcingConsecutive5Xx(),
            100),
        Values.number(
            proto.hasConsecutiveGatewayFailure(), proto.getConsecutiveGatewayFailure(), 5),
        Values.percent(
            "enforcing_consecutive_gateway_failure",
            proto.hasEnforcingConsecutiveGatewayFailure(),
            proto.getEnforcingConsecutiveGatewayFailure(),
            0),
        proto.getSplitExternalLocalOriginErrors(),
        Values.number(
            proto.hasConsecutiveLocalOriginFailure(), proto.getConsecutiveLocalOriginFailure(), 5),
        Values.percent(
            "enforcing_consecutive_local_origin_failure",
            proto.hasEnforcingConsecutiveLocalOriginFailure(),
            proto.getEnforcingConsecutiveLocalOriginFailure(),
            100),
        Values.positiveNanos(
            "interval", proto.hasInterval(), proto.getInterval(), TimeUnit.SECONDS.toNanos(10)),
        base,
        max,
        Values.nanos(
            "max_ejection_time_jitter",
            proto.hasMaxEjectionTimeJitter(),
            proto.getMaxEjectionTimeJitter(),
            0),
        Values.percent(
            "max_ejection_percent",
            proto.hasMaxEjectionPercent(),
            proto.getMaxEjectionPercent(),
            10),
        proto.getAlwaysEjectOneHost().getValue(),
        Values.number(proto.hasSuccessRateMinimumHosts(), proto.getSuccessRateMinimumHosts(), 5),
        Values.number(
            proto.hasSuccessRateRequestVolume(), proto.getSuccessRateRequestVolume(), 100),
        Values.number(proto.hasSuccessRateStdevFactor(), proto.getSuccessRateStdevFactor(), 1900),
        Values.percent(
            "enforcing_success_rate",
            proto.hasEnforcingSuccessRate(),
            proto.getEnforcingSuccessRate(),
            100),
        Values.percent(
            "enforcing_local_origin_success_rate",
            proto.hasEnforcingLocalOriginSuccessRate(),
            proto.getEnforcingLocalOriginSuccessRate(),
            100),
        Values.percent(
            "failure_percentage_threshold",
            proto.hasFailurePercentageThreshold(),
            proto.getFailurePercentageThreshold(),
            85),
        Values.percent(
            "enforcing_failure_percentage",
            proto.hasEnforcingFailurePercentage(),
            proto.getEnforcingFailurePercentage(),
            0),
        Values.number(
            proto.hasFailurePercentageMinimumHosts(), proto.getFailurePercentageMinimumHosts(), 5),
        Values.number(
            proto.hasFailurePercentageRequestVolume(),
            proto.getFailurePercentageRequestVolume(),
            50));
  }
}
