package io.inmesh.call;

import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** Reads from a served request what the calls made for it inherit. */
final class InboundContext {
  private InboundContext() {}

  static CallContext of(
      RequestHead request,
      Connection connection,
      CallContext.@Nullable Travelling travelling,
      long nowNanos) {
    Headers headers = request.headers();
    Headers trace = null;
    for (int i = 0; i < headers.size(); i++) {
      if (isTrace(headers.name(i))) {
        trace = trace == null ? new Headers(2) : trace;
        trace.add(headers.name(i), headers.value(i));
      }
    }
    long timeout = request.grpc() ? GrpcTimeout.nanos(headers.first("grpc-timeout")) : 0;
    long deadline = timeout > 0 ? nowNanos + timeout : Long.MAX_VALUE;
    return new CallContext(
        deadline,
        headers.first("x-request-id"),
        connection,
        trace == null ? CallContext.NONE.traceHeaders() : trace,
        travelling);
  }

  private static boolean isTrace(String name) {
    return switch (name) {
      case "traceparent",
          "tracestate",
          "b3",
          "baggage",
          "sw8",
          "x-datadog-trace-id",
          "x-datadog-parent-id",
          "x-datadog-sampling-priority" ->
          true;
      default -> name.startsWith("x-b3-");
    };
  }
}
