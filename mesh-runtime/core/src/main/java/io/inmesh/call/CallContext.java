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
 */
public record CallContext(
    long deadlineNanos, @Nullable String requestId, Connection peer, Headers traceHeaders) {
  /** No request is being served. */
  public static final CallContext NONE =
      new CallContext(Long.MAX_VALUE, null, Connection.LOCAL, new Headers());
}
