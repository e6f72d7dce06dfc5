package io.inmesh.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection manager's requests are counted, logged and traced as. Immutable but for {@link
 * #derived}.
 */
public final class ManagerTelemetry {
  private final String statPrefix;
  private final @Nullable IstioStatsConfig istioStats;
  private final List<AccessLogConfig> accessLogs;
  private final @Nullable TracingConfig tracing;
  private volatile @Nullable Object derived;

  /**
   * @param statPrefix {@code stat_prefix}; empty: the manager is none of the configuration's
   * @param istioStats the {@code istio.stats} filter; null: not there
   * @param accessLogs {@code access_log}
   * @param tracing {@code tracing}; null: not there
   */
  public ManagerTelemetry(
      String statPrefix,
      @Nullable IstioStatsConfig istioStats,
      List<AccessLogConfig> accessLogs,
      @Nullable TracingConfig tracing) {
    this.statPrefix = statPrefix;
    this.istioStats = istioStats;
    this.accessLogs = List.copyOf(accessLogs);
    this.tracing = tracing;
  }

  /** Nothing is asked for. */
  static ManagerTelemetry none() {
    return new ManagerTelemetry("", null, List.of(), null);
  }

  public String statPrefix() {
    return statPrefix;
  }

  public @Nullable IstioStatsConfig istioStats() {
    return istioStats;
  }

  public List<AccessLogConfig> accessLogs() {
    return accessLogs;
  }

  public @Nullable TracingConfig tracing() {
    return tracing;
  }

  /** What the package above has last made of it; null: nothing yet. */
  public @Nullable Object derived() {
    return derived;
  }

  /** There is one such package; of two threads that do this at once one wins. */
  public void derived(Object made) {
    derived = made;
  }
}
