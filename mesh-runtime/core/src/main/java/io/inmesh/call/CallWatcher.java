package io.inmesh.call;

import io.inmesh.config.Route;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Watches one call from its first look to its end: metrics, spans, access logs. Told on the thread
 * that drives the call, one at a time; must not block, throw, or keep a head after {@link #over}.
 * Attempts are numbered as in {@link Command.Start}. Every method may be left out.
 */
public interface CallWatcher {
  /** What becomes of an attempt that could be tried again. */
  enum Retry {
    /** There will be another. */
    TAKEN,
    /** {@code num_retries} are used up. */
    LIMIT_EXCEEDED,
    /** The retry breaker or budget lets none start. */
    OVERFLOW
  }

  /** The response's own headers are needed: the adapter passes the whole head. */
  default boolean wantsResponse() {
    return false;
  }

  /** Goes with the calls made for a served request; null: nothing. */
  default CallContext.@Nullable Travelling travelling() {
    return null;
  }

  /** The peer's own words for what it is: Istio's {@code x-envoy-peer-metadata}, or its baggage. */
  default void peer(String metadata, boolean baggage) {}

  /** A policy has judged: {@code statPrefix} is the filter's, shadow rules only warn. */
  default void judged(String statPrefix, boolean shadow, boolean allowed) {}

  /**
   * An attempt starts.
   *
   * @param head what will be sent; headers may be added
   */
  default void attempt(
      int number, Cluster cluster, Host host, Wire wire, RequestHead head, long nowNanos) {}

  /** It has a connection; may be told more than once. */
  default void connected(int number, long nowNanos) {}

  /** The whole request was handed on, for the first time. */
  default void requestComplete(long nowNanos) {}

  /** Its response head, as the upstream sent it; {@code end}: nothing follows. */
  default void response(
      int number, ResponseHead head, boolean end, boolean retried, long nowNanos) {}

  /** It failed, before or after its head. */
  default void failed(int number, ResetKind kind, String detail, boolean retried, long nowNanos) {}

  /** Its time, or that of the route, is up. */
  default void timedOut(int number, boolean perTry, long nowNanos) {}

  /** The call gave it up. */
  default void cancelled(int number, String why, long nowNanos) {}

  /** Its stream is complete. */
  default void ended(int number, long nowNanos) {}

  /** A retry was wanted. */
  default void retry(Cluster cluster, Retry verdict) {}

  /** No host, or no room in the breaker: no attempt starts. */
  default void refused(Cluster cluster, Refusal why) {}

  /** Inbound: the application has the request. */
  default void dispatched(long nowNanos) {}

  /**
   * The head that the caller gets.
   *
   * @param byMesh no upstream and no application has answered
   */
  default void responded(ResponseHead head, boolean byMesh, long nowNanos) {}

  /** Trailers that the caller gets. */
  default void trailers(Headers trailers) {}

  /** Body bytes of the request so far, all together. */
  default void requestBytes(long bytes) {}

  /** Body bytes of the response so far, all together. */
  default void responseBytes(long bytes) {}

  /** Once, last. */
  default void over(Outcome outcome, @Nullable Route route, long nowNanos) {}
}
