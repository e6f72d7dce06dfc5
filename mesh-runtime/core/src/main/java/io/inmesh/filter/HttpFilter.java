package io.inmesh.filter;

import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;

/**
 * The code of one HTTP filter with its compiled configuration. One instance serves all calls of its
 * connection manager: immutable, thread-safe; what belongs to a call goes into {@link
 * FilterCall#state}.
 */
public interface HttpFilter {
  /** The name in the configuration. */
  String name();

  /**
   * Before routing to the upstream. Must not block: an answer from elsewhere is waited for with
   * PAUSE.
   */
  FilterStatus request(FilterCall call);

  /**
   * Whether {@link #response} and {@link #trailers} want to be called; servers need not wrap a
   * response that nobody looks at.
   */
  default boolean wantsResponse() {
    return false;
  }

  /**
   * When the response head is about to go to the caller, local replies included; in reverse order
   * of the filters.
   */
  default void response(FilterCall call, ResponseHead head) {}

  default void trailers(FilterCall call, Headers trailers) {}

  /** Exactly once for each filter whose {@link #request} was called, whatever happened. */
  default void end(FilterCall call) {}
}
