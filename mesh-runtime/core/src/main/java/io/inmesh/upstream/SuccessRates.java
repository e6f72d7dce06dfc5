package io.inmesh.upstream;

import io.inmesh.config.OutlierDetection;
import io.inmesh.upstream.HostMonitor.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Outlier detection by success rate and by failure percentage, at the end of each interval. */
final class SuccessRates {

  /** Ejects a host if limits and percents allow it. */
  interface Ejector {
    void eject(Host host, EjectionReason reason, long nowNanos);
  }

  private final OutlierDetection config;
  private final Ejector ejector;

  SuccessRates(OutlierDetection config, Ejector ejector) {
    this.config = config;
    this.ejector = ejector;
  }

  void interval(List<Host> hosts, long now) {
    judge(
        hosts,
        host -> host.monitor().external.rotate(),
        EjectionReason.SUCCESS_RATE,
        EjectionReason.FAILURE_PERCENTAGE,
        now);
    judge(
        hosts,
        host -> host.monitor().localOrigin.rotate(),
        EjectionReason.SUCCESS_RATE_LOCAL_ORIGIN,
        EjectionReason.FAILURE_PERCENTAGE_LOCAL_ORIGIN,
        now);
  }

  private void judge(
      List<Host> hosts,
      Function<Host, Interval> results,
      EjectionReason rateReason,
      EjectionReason failureReason,
      long now) {
    List<Judged> byRate = new ArrayList<>();
    List<Judged> byFailures = new ArrayList<>();
    for (Host host : hosts) {
      if (!host.monitored()) {
        continue;
      }
      Interval interval = results.apply(host);
      if (interval.total() == 0 || host.ejection().ejected()) {
        continue;
      }
      if (interval.total() >= config.successRateRequestVolume()) {
        byRate.add(new Judged(host, interval.percent()));
      }
      if (interval.total() >= config.failurePercentageRequestVolume()) {
        byFailures.add(new Judged(host, interval.percent()));
      }
    }
    if (!byRate.isEmpty() && byRate.size() >= config.successRateMinimumHosts()) {
      double threshold = threshold(byRate);
      for (Judged judged : byRate) {
        if (judged.percent < threshold) {
          ejector.eject(judged.host, rateReason, now);
        }
      }
    }
    if (!byFailures.isEmpty() && byFailures.size() >= config.failurePercentageMinimumHosts()) {
      for (Judged judged : byFailures) {
        if (100 - judged.percent >= config.failurePercentageThreshold()) {
          ejector.eject(judged.host, failureReason, now);
        }
      }
    }
  }

  /** Mean minus {@code success_rate_stdev_factor} thousandths of the standard deviation. */
  private double threshold(List<Judged> all) {
    double mean = all.stream().mapToDouble(Judged::percent).average().orElse(100);
    double variance =
        all.stream().mapToDouble(j -> (j.percent - mean) * (j.percent - mean)).average().orElse(0);
    return mean - config.successRateStdevFactor() / 1000.0 * Math.sqrt(variance);
  }

  private record Judged(Host host, double percent) {}
}
