package io.inmesh.match;

import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code QueryParameterMatcher}: the first parameter of that name, neither side decoded,
 * as Envoy's router does it. Immutable, thread-safe.
 *
 * @param value null: only presence counts
 * @param present what presence has to be when {@code value} is null
 */
public record QueryMatcher(String name, @Nullable StringMatcher value, boolean present) {

  /**
   * @param path with its query
   */
  public boolean matches(String path) {
    int at = path.indexOf('?') + 1;
    while (at > 0 && at < path.length()) {
      int end = path.indexOf('&', at);
      end = end < 0 ? path.length() : end;
      int equals = path.indexOf('=', at);
      equals = equals < 0 || equals > end ? end : equals;
      if (equals - at == name.length() && path.startsWith(name, at)) {
        return value == null ? present : value.matches(path, Math.min(equals + 1, end), end);
      }
      at = end + 1;
    }
    return value == null && !present;
  }
}
