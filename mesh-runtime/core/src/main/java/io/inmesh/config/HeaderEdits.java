package io.inmesh.config;

import io.inmesh.http.Headers;

/**
 * Compiled header operations ({@code *_headers_to_add}, {@code *_headers_to_remove}), in Envoy's
 * order: removals after additions of their own level. Immutable, thread-safe.
 */
@FunctionalInterface
public interface HeaderEdits {
  HeaderEdits NONE = (headers, values) -> {};

  void apply(Headers headers, FormatValues values);

  /**
   * What substitution commands ({@code %REQ(x)%}, {@code %DOWNSTREAM_REMOTE_ADDRESS%}) may ask of
   * the call.
   */
  @FunctionalInterface
  interface FormatValues {
    FormatValues EMPTY = (command, argument) -> null;

    /** The value, or null where there is none (Envoy then writes {@code -} or nothing). */
    @org.jspecify.annotations.Nullable
    String value(String command, @org.jspecify.annotations.Nullable String argument);
  }
}
