package io.inmesh.telemetry;

import io.inmesh.http.Protocol;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Envoy's counters of the connection managers with one {@code stat_prefix}. */
final class HttpStats {
  private final Metrics metrics;
  private final EnvoyScope scope;
  final Codes codes;
  final Counter total;
  final Counter active;
  final Counter http1;
  final Counter http2;
  final Counter receivedReset;
  final Counter sentReset;
  final Counter idleTimeout;
  final Counter routed;
  final Counter noRoute;
  final Counter noCluster;
  final Counter directResponse;
  final Histogram time;
  private final Map<String, Counter> rbac = new ConcurrentHashMap<>();

  HttpStats(Metrics metrics, String statPrefix) {
    this.metrics = metrics;
    this.scope = EnvoyScope.http(statPrefix);
    this.codes = new Codes(metrics, scope, "downstream_rq_", false);
    this.total = counter("downstream_rq_total");
    this.active = scope.upDown(metrics, "downstream_rq_active");
    this.http1 = counter("downstream_rq_http1_total");
    this.http2 = counter("downstream_rq_http2_total");
    this.receivedReset = counter("downstream_rq_rx_reset");
    this.sentReset = counter("downstream_rq_tx_reset");
    this.idleTimeout = counter("downstream_rq_idle_timeout");
    this.routed = counter("rq_total");
    this.noRoute = counter("no_route");
    this.noCluster = counter("no_cluster");
    this.directResponse = counter("rq_direct_response");
    this.time = scope.histogram(metrics, "downstream_rq_time");
  }

  private Counter counter(String leaf) {
    return scope.counter(metrics, leaf);
  }

  void begin(Protocol protocol) {
    total.increment();
    active.add(1);
    (protocol == Protocol.HTTP2 ? http2 : http1).increment();
  }

  /** {@code rbac.allowed}, {@code rbac.istio_dry_run_deny_shadow_denied}. */
  void rbac(String prefix, boolean shadow, boolean allowed) {
    String leaf = prefix + (shadow ? "shadow_" : "") + (allowed ? "allowed" : "denied");
    Counter counter = rbac.get(leaf);
    if (counter == null) {
      counter = rbac.computeIfAbsent(leaf, name -> counter("rbac." + name));
    }
    counter.increment();
  }
}
