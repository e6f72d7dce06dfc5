package io.inmesh.telemetry;

import io.inmesh.call.CallWatcher.Retry;
import io.inmesh.call.Outcome;
import io.inmesh.call.ResetKind;
import io.inmesh.config.ClusterConfig;
import io.inmesh.config.PeerMetadata;
import io.inmesh.config.Route;
import io.inmesh.http.Protocol;
import io.inmesh.http.ResponseFlag;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.Refusal;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One call in Envoy's counters and Istio's metrics, where Envoy's router counts it. */
final class CallCounts {
  /** Attempts that have a connection, those that are over: a bit for each number. */
  private long connected;

  private long over;

  private final CallRecord call;
  final Recorder recorder;
  final HttpStats http;
  private @Nullable ClusterStats cluster;
  private boolean retried;
  private boolean responded;

  CallCounts(CallRecord call, Recorder recorder) {
    this.call = call;
    this.recorder = recorder;
    this.http = Objects.requireNonNull(call.watch.http());
    http.begin(call.request.protocol());
  }

  private static long bit(int number) {
    return 1L << (number & 63);
  }

  void attempt(int number, Cluster to) {
    cluster = recorder.cluster(to);
    connected &= ~bit(number);
    over &= ~bit(number);
  }

  void connected(int number) {
    ClusterStats stats = cluster;
    if (stats != null && (connected & bit(number)) == 0) {
      connected |= bit(number);
      stats.total.increment();
    }
  }

  void response(int number, int status, boolean end, boolean again) {
    ClusterStats stats = cluster;
    if (stats == null) {
      return;
    }
    connected(number);
    if (again) {
      stats.retryCodes.count(status);
      if (end) {
        over |= bit(number);
      }
      return;
    }
    responded = true;
    stats.code(status);
  }

  void failed(int number, ResetKind kind) {
    ClusterStats stats = cluster;
    if (!kind.beforeRequest()) {
      connected(number);
    }
    over |= bit(number);
    if (stats == null) {
      return;
    }
    switch (kind) {
      case CONNECT_FAILURE, TLS_FAILURE -> {
        stats.connectFail.increment();
        stats.pendingFailure.increment();
      }
      case CONNECT_TIMEOUT -> {
        stats.connectFail.increment();
        stats.connectTimeout.increment();
        stats.pendingFailure.increment();
      }
      case REMOTE_RESET, REFUSED_STREAM -> stats.receivedReset.increment();
      default -> {}
    }
  }

  void timedOut(boolean perTry) {
    ClusterStats stats = cluster;
    if (stats != null) {
      (perTry ? stats.perTryTimeout : stats.timeout).increment();
    }
  }

  void cancelled(int number) {
    ClusterStats stats = cluster;
    if (stats != null && (over & bit(number)) == 0) {
      over |= bit(number);
      if ((connected & bit(number)) == 0) {
        stats.cancelled.increment();
      } else if (call.wire != null && call.wire.protocol() == Protocol.HTTP2) {
        stats.sentReset.increment(); // of HTTP/1.1 Envoy does not say so
      }
    }
  }

  void ended(int number, long nowNanos) {
    ClusterStats stats = cluster;
    over |= bit(number);
    if (stats != null && call.requestCompleteNanos >= 0) {
      stats.time.record((nowNanos - call.requestCompleteNanos) / 1_000_000);
    }
  }

  void retry(Retry verdict) {
    ClusterStats stats = cluster;
    if (stats == null) {
      return;
    }
    switch (verdict) {
      case TAKEN -> {
        retried = true;
        stats.retry.increment();
        stats.retryBackOff.increment();
      }
      case LIMIT_EXCEEDED -> {
        retried = false;
        stats.retryLimit.increment();
      }
      case OVERFLOW -> {
        retried = false;
        stats.retryOverflow.increment();
      }
    }
  }

  void refused(Cluster of, Refusal why) {
    ClusterStats stats = recorder.cluster(of);
    cluster = stats;
    boolean full = why == Refusal.OVERFLOW_PENDING || why == Refusal.OVERFLOW_REQUESTS;
    (full ? stats.pendingOverflow : stats.noHealthy).increment();
  }

  void over(Outcome outcome, @Nullable Route route, long nowNanos) {
    http.active.add(-1);
    boolean served = call.manager.inbound();
    if (served && !outcome.cluster().isEmpty()) {
      servedByApplication(outcome, nowNanos);
    } else {
      calledUpstream(outcome);
    }
    managers(outcome, route, nowNanos);
    IstioMetrics istio = call.watch.istio();
    if (istio != null) {
      istio(istio, outcome, nowNanos);
    }
  }

  private void servedByApplication(Outcome outcome, long nowNanos) {
    if (call.attemptNanos < 0) {
      return;
    }
    ClusterStats stats = recorder.cluster(outcome.cluster());
    stats.total.increment();
    if (outcome.flags().has(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT)) {
      stats.timeout.increment();
    }
    if (outcome.status() != 0) {
      stats.code(outcome.status());
      stats.time.record((nowNanos - call.attemptNanos) / 1_000_000);
    }
  }

  /** What the router answers in an upstream's place is counted as that upstream's. */
  private void calledUpstream(Outcome outcome) {
    ClusterStats stats = cluster;
    if (stats == null) {
      return;
    }
    if (!responded && outcome.status() != 0) {
      boolean late = outcome.flags().has(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT);
      stats.code(call.request.grpc() ? (late ? 504 : 503) : outcome.status());
    }
    if (responded && retried) {
      stats.retrySuccess.increment();
    }
  }

  private void managers(Outcome outcome, @Nullable Route route, long nowNanos) {
    http.codes.count(outcome.status());
    http.time.record((nowNanos - call.startNanos) / 1_000_000);
    String details = outcome.details();
    if (details.equals("downstream_remote_disconnect")) {
      http.receivedReset.increment();
    } else if (details.startsWith("upstream_reset_after_response_started")) {
      http.sentReset.increment();
    }
    if (outcome.flags().has(ResponseFlag.STREAM_IDLE_TIMEOUT)) {
      http.idleTimeout.increment();
    }
    boolean noRoute = outcome.flags().has(ResponseFlag.NO_ROUTE_FOUND);
    if (noRoute) {
      http.noRoute.increment();
    }
    if (outcome.flags().has(ResponseFlag.NO_CLUSTER_FOUND)) {
      http.noCluster.increment();
    }
    if (route != null && details.equals("direct_response")) {
      http.directResponse.increment(); // redirects too, as Envoy counts them
    }
    boolean routed = cluster != null || call.attemptNanos >= 0 || noRoute;
    if (routed || details.equals("direct_response") || details.equals("cluster_not_found")) {
      http.routed.increment();
    }
  }

  private void istio(IstioMetrics istio, Outcome outcome, long nowNanos) {
    boolean inbound = call.manager.inbound();
    boolean grpc = call.request.grpc();
    int status = grpc ? call.grpcStatus() : -1;
    IstioKey key =
        new IstioKey(
            inbound,
            recorder.self(),
            peer(inbound),
            service(outcome, inbound),
            serviceName(outcome, inbound),
            grpc,
            outcome.status(),
            status < 0 ? "" : Integer.toString(status),
            outcome.flags().toString(),
            peerPrincipal(inbound),
            localPrincipal(inbound),
            istio.hasDimensions()
                ? istio.dimensions(new CallAttributes(call, outcome, nowNanos))
                : List.of());
    istio
        .of(key)
        .count(
            (nowNanos - call.startNanos) / 1_000_000, call.requestBytes, call.responseBytes, 0, 0);
  }

  private PeerMetadata peer(boolean inbound) {
    Host host = call.host;
    return inbound || host == null || call.peer != PeerMetadata.UNKNOWN
        ? call.peer
        : recorder.peers().endpoint(host.endpoint().workload());
  }

  private String service(Outcome outcome, boolean inbound) {
    ClusterConfig config = config();
    if (config != null && !config.service().isEmpty()) {
      return config.service();
    }
    return hostFallback() ? call.request.authority() : "";
  }

  private String serviceName(Outcome outcome, boolean inbound) {
    switch (outcome.route()) {
      case "block_all":
        return "BlackHoleCluster";
      case "allow_any":
        return "PassthroughCluster";
      default:
    }
    switch (outcome.cluster()) {
      case "BlackHoleCluster",
      "PassthroughCluster",
      "InboundPassthroughCluster",
      "InboundPassthroughClusterIpv4",
      "InboundPassthroughClusterIpv6":
        return outcome.cluster();
      default:
    }
    ClusterConfig config = config();
    if (config != null && !config.serviceName().isEmpty()) {
      return config.serviceName();
    }
    return hostFallback() ? call.request.authority() : "";
  }

  private @Nullable ClusterConfig config() {
    Cluster to = call.cluster;
    return to == null ? null : to.config();
  }

  private boolean hostFallback() {
    var stats = call.watch.config().istioStats();
    return stats != null && stats.hostHeaderFallback();
  }

  private String peerPrincipal(boolean inbound) {
    String name = inbound ? call.connection.peer() : null;
    if (!inbound && overTls()) {
      name = Objects.requireNonNull(call.host).principal();
    }
    return name == null ? "" : name;
  }

  private String localPrincipal(boolean inbound) {
    if (inbound) {
      String name = call.connection.localUriSan();
      return name == null ? "" : name;
    }
    return overTls() ? recorder.principal() : "";
  }

  private boolean overTls() {
    return call.host != null && call.wire != null && call.wire.tls() != null;
  }
}
