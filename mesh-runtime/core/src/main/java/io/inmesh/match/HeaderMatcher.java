package io.inmesh.match;

import io.inmesh.http.RequestHead;

/**
 * A compiled {@code envoy.config.route.v3.HeaderMatcher}; pseudo headers included. Immutable,
 * thread-safe.
 */
@FunctionalInterface
public interface HeaderMatcher {
  boolean matches(RequestHead head);
}
