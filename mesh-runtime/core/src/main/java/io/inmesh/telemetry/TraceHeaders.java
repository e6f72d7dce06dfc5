package io.inmesh.telemetry;

import io.inmesh.http.Headers;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import org.jspecify.annotations.Nullable;

/** A trace's context in a request's headers: W3C, and both forms of B3. */
final class TraceHeaders {
  private TraceHeaders() {}

  /** W3C's wins; invalid: there is none that could be read. */
  static SpanContext read(Headers headers) {
    SpanContext w3c = w3c(headers.first("traceparent"), headers.joined("tracestate"));
    if (w3c.isValid()) {
      return w3c;
    }
    String single = headers.first("b3");
    if (single != null) {
      String[] parts = single.split("-", -1);
      return parts.length < 2
          ? SpanContext.getInvalid()
          : b3(parts[0], parts[1], parts.length < 3 ? null : parts[2]);
    }
    String trace = headers.first("x-b3-traceid");
    String span = headers.first("x-b3-spanid");
    return trace == null || span == null
        ? SpanContext.getInvalid()
        : b3(
            trace,
            span,
            "1".equals(headers.first("x-b3-flags")) ? "d" : headers.first("x-b3-sampled"));
  }

  /** {@code 00-<32 hex>-<16 hex>-<2 hex>}. */
  private static SpanContext w3c(@Nullable String parent, @Nullable String state) {
    if (parent == null || parent.length() < 55 || parent.charAt(2) != '-') {
      return SpanContext.getInvalid();
    }
    String trace = parent.substring(3, 35);
    String span = parent.substring(36, 52);
    if (!TraceId.isValid(trace) || !SpanId.isValid(span)) {
      return SpanContext.getInvalid();
    }
    boolean sampled = (Character.digit(parent.charAt(54), 16) & 1) == 1;
    return SpanContext.createFromRemoteParent(
        trace, span, sampled ? TraceFlags.getSampled() : TraceFlags.getDefault(), state(state));
  }

  private static TraceState state(@Nullable String state) {
    if (state == null || state.isEmpty()) {
      return TraceState.getDefault();
    }
    TraceStateBuilder builder = TraceState.builder();
    String[] entries = state.split(",");
    for (int i = entries.length - 1; i >= 0; i--) {
      int equals = entries[i].indexOf('=');
      if (equals > 0) {
        builder.put(
            entries[i].substring(0, equals).strip(), entries[i].substring(equals + 1).strip());
      }
    }
    return builder.build();
  }

  private static SpanContext b3(String traceId, String spanId, @Nullable String sampled) {
    String trace = traceId.length() == 16 ? "0000000000000000" + traceId : traceId;
    if (!TraceId.isValid(trace) || !SpanId.isValid(spanId)) {
      return SpanContext.getInvalid();
    }
    boolean on =
        sampled == null || sampled.equals("1") || sampled.equals("d") || sampled.equals("true");
    return SpanContext.createFromRemoteParent(
        trace,
        spanId,
        on ? TraceFlags.getSampled() : TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  /**
   * W3C always; B3 where the provider speaks it, or the request did.
   *
   * @param parentId for B3; null: none
   */
  static void write(Headers headers, SpanContext context, @Nullable String parentId, boolean b3) {
    headers.set(
        "traceparent",
        "00-"
            + context.getTraceId()
            + "-"
            + context.getSpanId()
            + "-"
            + context.getTraceFlags().asHex());
    if (headers.contains("b3")) {
      headers.set(
          "b3",
          context.getTraceId()
              + "-"
              + context.getSpanId()
              + (context.isSampled() ? "-1" : "-0")
              + (parentId == null ? "" : "-" + parentId));
    }
    if (b3 || headers.contains("x-b3-traceid")) {
      headers.set("x-b3-traceid", context.getTraceId());
      headers.set("x-b3-spanid", context.getSpanId());
      headers.set("x-b3-sampled", context.isSampled() ? "1" : "0");
      if (parentId != null) {
        headers.set("x-b3-parentspanid", parentId);
      }
    }
  }
}
