package io.inmesh.match;

/** A compiled {@code envoy.type.matcher.v3.StringMatcher}. Immutable, thread-safe. */
@FunctionalInterface
public interface StringMatcher {
  boolean matches(String value);

  /**
   * Judges the part {@code [from, to)} of a longer text (a path without its query) without cutting
   * it out, where the matcher can.
   */
  default boolean matches(String text, int from, int to) {
    return matches(from == 0 && to == text.length() ? text : text.substring(from, to));
  }
}
