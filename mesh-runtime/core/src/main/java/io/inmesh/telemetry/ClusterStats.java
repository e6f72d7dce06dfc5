package io.inmesh.telemetry;

import io.inmesh.upstream.EjectionReason;
import java.util.Locale;

/** Envoy's counters of one cluster. */
final class ClusterStats {
  private final Metrics metrics;
  private final EnvoyScope scope;
  final Codes codes;
  final Codes external;
  final Codes retryCodes;
  final Counter total;
  final Counter timeout;
  final Counter perTryTimeout;
  final Counter retry;
  final Counter retryBackOff;
  final Counter retrySuccess;
  final Counter retryOverflow;
  final Counter retryLimit;
  final Counter pendingOverflow;
  final Counter pendingFailure;
  final Counter cancelled;
  final Counter sentReset;
  final Counter receivedReset;
  final Counter connectFail;
  final Counter connectTimeout;
  final Counter noHealthy;
  final Histogram time;
  final Counter ejections;

  ClusterStats(Metrics metrics, String cluster) {
    this.metrics = metrics;
    this.scope = EnvoyScope.cluster(cluster);
    this.codes = new Codes(metrics, scope, "upstream_rq_", true);
    this.external = new Codes(metrics, scope, "external.upstream_rq_", true);
    this.retryCodes = new Codes(metrics, scope, "retry.upstream_rq_", true);
    this.total = counter("upstream_rq_total");
    this.timeout = counter("upstream_rq_timeout");
    this.perTryTimeout = counter("upstream_rq_per_try_timeout");
    this.retry = counter("upstream_rq_retry");
    this.retryBackOff = counter("upstream_rq_retry_backoff_exponential");
    this.retrySuccess = counter("upstream_rq_retry_success");
    this.retryOverflow = counter("upstream_rq_retry_overflow");
    this.retryLimit = counter("upstream_rq_retry_limit_exceeded");
    this.pendingOverflow = counter("upstream_rq_pending_overflow");
    this.pendingFailure = counter("upstream_rq_pending_failure_eject");
    this.cancelled = counter("upstream_rq_cancelled");
    this.sentReset = counter("upstream_rq_tx_reset");
    this.receivedReset = counter("upstream_rq_rx_reset");
    this.connectFail = counter("upstream_cx_connect_fail");
    this.connectTimeout = counter("upstream_cx_connect_timeout");
    this.noHealthy = counter("upstream_cx_none_healthy");
    this.time = scope.histogram(metrics, "upstream_rq_time");
    this.ejections = counter("outlier_detection.ejections_enforced_total");
  }

  private Counter counter(String leaf) {
    return scope.counter(metrics, leaf);
  }

  /** A response that goes to the caller, of an upstream or of the router itself. */
  void code(int status) {
    codes.count(status);
    external.count(status);
  }

  void ejected(EjectionReason reason) {
    ejections.increment();
    counter("outlier_detection.ejections_enforced_" + reason.name().toLowerCase(Locale.ROOT))
        .increment();
  }
}
