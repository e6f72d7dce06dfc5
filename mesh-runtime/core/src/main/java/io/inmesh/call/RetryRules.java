package io.inmesh.call;

import io.inmesh.config.RetryOn;
import io.inmesh.config.RetryPolicy;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.match.HeaderMatcher;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether an outcome is retried, by Envoy's rules ({@code RetryStateImpl}). */
final class RetryRules {
  private RetryRules() {}

  /**
   * False when nothing is ever retried. A policy of no retries counts: Envoy flags that its limit
   * was reached.
   */
  static boolean any(@Nullable RetryPolicy policy) {
    return policy != null && !policy.on().isEmpty();
  }

  /** {@code retriable_request_headers}; what hedging starts does not ask. */
  static boolean concern(RetryPolicy policy, RequestHead request) {
    if (policy.requestHeaders().isEmpty()) {
      return true;
    }
    for (HeaderMatcher matcher : policy.requestHeaders()) {
      if (matcher.matches(request)) {
        return true;
      }
    }
    return false;
  }

  static boolean wouldRetry(RetryPolicy policy, ResponseHead head) {
    Set<RetryOn> on = policy.on();
    Headers headers = head.headers();
    int status = head.status();
    if (headers.contains("x-envoy-overloaded")) {
      return false;
    }
    if (headers.contains("x-envoy-ratelimited")) {
      return on.contains(RetryOn.ENVOY_RATELIMITED);
    }
    if (status >= 500 && status < 600 && on.contains(RetryOn.FIVE_XX)) {
      return true;
    }
    if (status >= 502 && status <= 504 && on.contains(RetryOn.GATEWAY_ERROR)) {
      return true;
    }
    if (status == 409 && on.contains(RetryOn.RETRIABLE_4XX)) {
      return true;
    }
    if (on.contains(RetryOn.RETRIABLE_STATUS_CODES) && policy.statuses().contains(status)) {
      return true;
    }
    if (on.contains(RetryOn.RETRIABLE_HEADERS)) {
      for (HeaderMatcher matcher : policy.headers()) {
        if (matcher.matches(head)) {
          return true;
        }
      }
    }
    String grpc = headers.first("grpc-status");
    return grpc != null && grpcRetry(on, grpc);
  }

  private static boolean grpcRetry(Set<RetryOn> on, String status) {
    return switch (status) {
      case "1" -> on.contains(RetryOn.CANCELLED);
      case "4" -> on.contains(RetryOn.DEADLINE_EXCEEDED);
      case "8" -> on.contains(RetryOn.RESOURCE_EXHAUSTED);
      case "13" -> on.contains(RetryOn.INTERNAL);
      case "14" -> on.contains(RetryOn.UNAVAILABLE);
      default -> false;
    };
  }

  /**
   * @param sent the request had been handed to a connection
   */
  static boolean wouldRetry(RetryPolicy policy, ResetKind kind, boolean sent) {
    Set<RetryOn> on = policy.on();
    if (kind == ResetKind.OVERFLOW) {
      return false;
    }
    if (on.contains(RetryOn.FIVE_XX)
        || on.contains(RetryOn.GATEWAY_ERROR)
        || on.contains(RetryOn.RESET)) {
      return true;
    }
    if (on.contains(RetryOn.RESET_BEFORE_REQUEST) && !sent) {
      return true;
    }
    return switch (kind) {
      case CONNECT_FAILURE, CONNECT_TIMEOUT, TLS_FAILURE -> on.contains(RetryOn.CONNECT_FAILURE);
      case REFUSED_STREAM -> on.contains(RetryOn.REFUSED_STREAM);
      default -> false;
    };
  }
}
