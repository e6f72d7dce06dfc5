package io.inmesh.config;

import io.inmesh.http.Headers;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The operations of one level: what is removed, what overwrites, what adds, in that order. */
record HeaderEditList(List<String> removals, List<Addition> overwrites, List<Addition> additions)
    implements HeaderEdits {

  /** {@code HeaderAppendAction}. */
  enum Action {
    APPEND_IF_EXISTS_OR_ADD,
    ADD_IF_ABSENT,
    OVERWRITE_IF_EXISTS_OR_ADD,
    OVERWRITE_IF_EXISTS;

    boolean overwrites() {
      return this == OVERWRITE_IF_EXISTS_OR_ADD || this == OVERWRITE_IF_EXISTS;
    }
  }

  /** One {@code HeaderValueOption}. */
  record Addition(String name, Format value, Action action, boolean keepEmpty) {}

  /**
   * Headers of which Envoy keeps one field ("inline"): a second value is appended to the first,
   * after a comma.
   */
  private static final Set<String> SINGLE =
      Set.of(
          "accept",
          "accept-encoding",
          "access-control-allow-credentials",
          "access-control-allow-headers",
          "access-control-allow-methods",
          "access-control-allow-origin",
          "access-control-expose-headers",
          "access-control-max-age",
          "access-control-request-headers",
          "access-control-request-method",
          "age",
          "authorization",
          "cache-control",
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "etag",
          "expect",
          "grpc-message",
          "grpc-status",
          "grpc-timeout",
          "if-match",
          "if-modified-since",
          "if-none-match",
          "if-range",
          "if-unmodified-since",
          "keep-alive",
          "location",
          "origin",
          "pragma",
          "proxy-connection",
          "referer",
          "server",
          "te",
          "transfer-encoding",
          "upgrade",
          "user-agent",
          "vary",
          "via",
          "x-client-trace-id",
          "x-envoy-attempt-count",
          "x-envoy-upstream-service-time",
          "x-forwarded-client-cert",
          "x-forwarded-for",
          "x-forwarded-host",
          "x-forwarded-proto",
          "x-request-id");

  private static final @Nullable String[] NOTHING = {};

  @Override
  public void apply(Headers headers, FormatValues values) {
    for (int i = 0; i < removals.size(); i++) {
      headers.remove(removals.get(i));
    }
    // what commands read and conditions see is what was there before this level changed anything
    @Nullable String[] adding = values(additions, headers, values);
    @Nullable String[] overwriting = values(overwrites, headers, values);
    for (int i = 0; i < overwriting.length; i++) {
      String value = overwriting[i];
      if (value != null) {
        headers.set(overwrites.get(i).name, value);
      }
    }
    for (int i = 0; i < adding.length; i++) {
      String value = adding[i];
      if (value != null) {
        add(headers, additions.get(i).name, value);
      }
    }
  }

  private static @Nullable String[] values(
      List<Addition> operations, Headers headers, FormatValues values) {
    if (operations.isEmpty()) {
      return NOTHING;
    }
    @Nullable String[] all = new @Nullable String[operations.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = value(operations.get(i), headers, values);
    }
    return all;
  }

  /** Null when the operation does nothing to these headers. */
  private static @Nullable String value(Addition addition, Headers headers, FormatValues values) {
    boolean wanted =
        switch (addition.action) {
          case ADD_IF_ABSENT -> !headers.contains(addition.name);
          case OVERWRITE_IF_EXISTS -> headers.contains(addition.name);
          default -> true;
        };
    if (!wanted) {
      return null;
    }
    String value = addition.value.format(values);
    // a value taken from a peer's certificate or a header must not end the line (CVE-2023-27493)
    return value.isEmpty() && !addition.keepEmpty || !sendable(value) ? null : value;
  }

  private static void add(Headers headers, String name, String value) {
    String before = SINGLE.contains(name) ? headers.first(name) : null;
    if (before == null) {
      headers.add(name, value);
    } else {
      headers.set(name, before.isEmpty() ? value : before + "," + value);
    }
  }

  static boolean sendable(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\r' || c == '\n' || c == 0) {
        return false;
      }
    }
    return true;
  }
}
