package io.inmesh.match;

/** A compiled RBAC permission or principal. Immutable, thread-safe. */
@FunctionalInterface
public interface RequestMatcher {
  boolean matches(RequestFacts facts);
}
