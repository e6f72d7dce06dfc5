package io.inmesh.match;

import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;

/**
 * A compiled {@code envoy.config.route.v3.HeaderMatcher}; pseudo headers included. Immutable,
 * thread-safe.
 */
@FunctionalInterface
public interface HeaderMatcher {
  boolean matches(RequestHead head);

  /** The same of a response, whose only pseudo header is {@code :status}. */
  default boolean matches(ResponseHead head) {
    return matches(new RequestHead("", "", "", "", head.headers(), Protocol.HTTP11));
  }
}
