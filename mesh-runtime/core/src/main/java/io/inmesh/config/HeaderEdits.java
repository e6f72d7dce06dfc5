package io.inmesh.config;

import io.inmesh.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Compiled header operations ({@code *_headers_to_add}, {@code *_headers_to_remove}), in Envoy's
 * order: of one level, removals come first, then what overwrites, then what adds. Immutable,
 * thread-safe.
 */
@FunctionalInterface
public interface HeaderEdits {
  HeaderEdits NONE = (headers, values) -> {};

  void apply(Headers headers, FormatValues values);

  /** These, then those; {@link #NONE} costs nothing. */
  default HeaderEdits then(HeaderEdits next) {
    if (next == NONE) {
      return this;
    }
    if (this == NONE) {
      return next;
    }
    return (headers, values) -> {
      apply(headers, values);
      next.apply(headers, values);
    };
  }

  /**
   * What substitution commands ({@code %REQ(x)%}, {@code %DOWNSTREAM_REMOTE_ADDRESS%}) may ask of
   * the call.
   */
  @FunctionalInterface
  interface FormatValues {
    FormatValues EMPTY = (command, argument) -> null;

    /**
     * The value, or null where there is none (Envoy then writes nothing into a header).
     *
     * @param command without the percent signs: {@code REQ}
     * @param argument what stands in parentheses, a header name in lower case; {@code X?Y} is asked
     *     for as X, then as Y
     */
    @Nullable String value(String command, @Nullable String argument);
  }
}
