package io.inmesh.call;

import io.inmesh.config.RetryOn;
import io.inmesh.config.RetryPolicy;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.match.HeaderMatcher;
import java.util.Set;

/** Whether an outcome is retried, by Envoy's rules ({@code RetryStateImpl}). */
final class RetryState {
  private final RetryPolicy policy;
  private final Set<RetryOn> on;
  private int remaining;

  private RetryState(RetryPolicy policy) {
    this.policy = policy;
    this.on = policy.on();
    this.remaining = policy.numRetries();
  }

  /** Null when this request is never retried. */
  static @org.jspecify.annotations.Nullable RetryState of(
      @org.jspecify.annotations.Nullable RetryPolicy policy, RequestHead request) {
    if (policy == null || policy.numRetries() == 0 || policy.on().isEmpty()) {
      return null;
    }
    if (!policy.requestHeaders().isEmpty()) {
      boolean any = false;
      for (HeaderMatcher matcher : policy.requestHeaders()) {
        any |= matcher.matches(request);
      }
      if (!any) {
        return null;
      }
    }
    return new RetryState(policy);
  }

  RetryPolicy policy() {
    return policy;
  }

  int remaining() {
    return remaining;
  }

  void used() {
    remaining--;
  }

  boolean wouldRetry(ResponseHead head) {
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
      for (RetryPolicy.ResponseHeaderMatcher matcher : policy.headers()) {
        if (matcher.matches(headers)) {
          return true;
        }
      }
    }
    String grpc = headers.first("grpc-status");
    return grpc != null && grpcRetry(grpc);
  }

  private boolean grpcRetry(String status) {
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
  boolean wouldRetry(ResetKind kind, boolean sent) {
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
