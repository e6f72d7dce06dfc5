package io.inmesh.config;

import org.jspecify.annotations.Nullable;

/** Words of {@code retry_on}. */
public enum RetryOn {
  FIVE_XX("5xx"),
  GATEWAY_ERROR("gateway-error"),
  RESET("reset"),
  RESET_BEFORE_REQUEST("reset-before-request"),
  CONNECT_FAILURE("connect-failure"),
  ENVOY_RATELIMITED("envoy-ratelimited"),
  RETRIABLE_4XX("retriable-4xx"),
  REFUSED_STREAM("refused-stream"),
  RETRIABLE_STATUS_CODES("retriable-status-codes"),
  RETRIABLE_HEADERS("retriable-headers"),
  HTTP3_POST_CONNECT_FAILURE("http3-post-connect-failure"),
  CANCELLED("cancelled"),
  DEADLINE_EXCEEDED("deadline-exceeded"),
  INTERNAL("internal"),
  RESOURCE_EXHAUSTED("resource-exhausted"),
  UNAVAILABLE("unavailable");

  private final String word;

  RetryOn(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /** Null for a word that Envoy does not know either (it ignores those). */
  public static @Nullable RetryOn of(String word) {
    for (RetryOn on : values()) {
      if (on.word.equals(word)) {
        return on;
      }
    }
    return null;
  }
}
