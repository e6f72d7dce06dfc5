package io.inmesh.call;

import io.inmesh.filter.LocalReply;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseFlag;

/** What Envoy's router says to the caller when no attempt has responded, word for word. */
final class RouterReplies {
  private static final int DEADLINE_EXCEEDED = 4;

  private RouterReplies() {}

  static LocalReply noRoute() {
    return LocalReply.of(404, "", "route_not_found").with(ResponseFlag.NO_ROUTE_FOUND);
  }

  static LocalReply noCluster(int status) {
    return LocalReply.of(status, "", "cluster_not_found").with(ResponseFlag.NO_CLUSTER_FOUND);
  }

  static LocalReply noHost() {
    return LocalReply.of(503, "no healthy upstream", "no_healthy_upstream")
        .with(ResponseFlag.NO_HEALTHY_UPSTREAM);
  }

  /** The breaker of requests or connections let nothing start. */
  static LocalReply overflow(boolean retried) {
    return reset(ResetKind.OVERFLOW, "", retried).withHeader("x-envoy-overloaded", "true");
  }

  static LocalReply reset(ResetKind kind, String detail, boolean retried) {
    String reason = underscored(kind.text());
    String more = detail.isEmpty() || kind == ResetKind.OVERFLOW ? "" : "|" + underscored(detail);
    String text = retried ? ". retried and the latest reset reason: " : ". reset reason: ";
    return LocalReply.of(
            kind == ResetKind.PROTOCOL_ERROR ? 502 : 503,
            "upstream connect error or disconnect/reset before headers" + text + kind.text(),
            "upstream_reset_before_response_started{" + reason + more + "}")
        .with(kind.flag());
  }

  /** Of the route or the stream. A caller who was too slow with its request is told so. */
  static LocalReply timeout(String text, String details, ResponseFlag flag, boolean slowCaller) {
    return LocalReply.of(slowCaller ? 408 : 504, text, details).with(flag);
  }

  /** {@code max_stream_duration}. */
  static LocalReply durationTimeout() {
    return new LocalReply(
        504,
        "downstream duration timeout",
        "max_duration_timeout",
        null,
        new Headers(),
        DEADLINE_EXCEEDED);
  }

  static LocalReply perTryTimeout(boolean idle) {
    return LocalReply.of(
            504,
            "upstream request timeout",
            idle ? "upstream_per_try_idle_timeout" : "upstream_per_try_timeout")
        .with(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT);
  }

  static LocalReply notReplayable() {
    return LocalReply.of(
        507,
        "exceeded request buffer limit while retrying upstream",
        "request_payload_exceeded_retry_buffer_limit");
  }

  /** For details of outcomes, which have no blanks. */
  static String underscored(String text) {
    return text.replace(' ', '_');
  }
}
