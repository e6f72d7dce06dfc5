package io.inmesh.match;

/** A compiled {@code envoy.type.matcher.v3.StringMatcher}. Immutable, thread-safe. */
@FunctionalInterface
public interface StringMatcher {
  boolean matches(String value);
}
