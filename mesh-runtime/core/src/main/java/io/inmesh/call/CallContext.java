package io.inmesh.call;

import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What travels from a served request to the calls made for it: the thing a sidecar cannot do.
 * Immutable.
 *
 * @param deadlineNanos on the driver's clock; {@link Long#MAX_VALUE}: none
 * @param requestId {@code x-request-id} of the served request; null: none
 * @param peer the connection that brought it
 * @param traceHeaders {@code traceparent}, {@code tracestate}, {@code b3}, {@code x-b3-*}, {@code
 *     baggage} as they came
 * @param travelling what telemetry sends along; null: nothing
 */
public record CallContext(
    long deadlineNanos,
    @Nullable String requestId,
    Connection peer,
    Headers traceHeaders,
    @Nullable Travelling travelling) {
  /** Of the application's own threads as well: a span that is current while they work. */
  @FunctionalInterface
  public interface Travelling {
    /** On the thread that works for the request, until the scope is closed. */
    CurrentCall.Scope enter();
  }

  public CallContext(
      long deadlineNanos, @Nullable String requestId, Connection peer, Headers traceHeaders) {
    this(deadlineNanos, requestId, peer, traceHeaders, null);
  }

  /** No request is being served. */
  public static final CallContext NONE =
      new CallContext(Long.MAX_VALUE, null, Connection.LOCAL, new Headers());
}
