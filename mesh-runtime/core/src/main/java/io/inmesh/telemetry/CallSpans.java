package io.inmesh.telemetry;

import io.inmesh.call.CallContext;
import io.inmesh.call.Outcome;
import io.inmesh.call.ResetKind;
import io.inmesh.config.Route;
import io.inmesh.config.TracingConfig;
import io.inmesh.config.TracingConfig.CustomTag;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Host;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The spans of one call: its own, and one for each attempt. Attributes have Envoy's names. */
final class CallSpans {
  private final Spans spans;
  private final @Nullable TracingConfig config;
  private final boolean b3;
  private final Context context;
  private final Span span;
  private final boolean mine;
  private final Map<Integer, Span> attempts = new HashMap<>(2);

  /**
   * @param mine false: the application's, which ends it
   */
  CallSpans(
      Spans spans,
      @Nullable TracingConfig config,
      boolean b3,
      Context context,
      Span span,
      boolean mine) {
    this.spans = spans;
    this.config = config;
    this.b3 = b3;
    this.context = context;
    this.span = span;
    this.mine = mine;
  }

  String traceId() {
    return span.getSpanContext().getTraceId();
  }

  String spanId() {
    return span.getSpanContext().getSpanId();
  }

  void write(Headers headers) {
    TraceHeaders.write(headers, span.getSpanContext(), null, b3);
  }

  /** On threads that work for the served request the server span is the current one. */
  @SuppressWarnings("MustBeClosedChecker") // closed by whoever closes the call's scope
  CallContext.Travelling travelling() {
    return () -> {
      Scope scope = context.makeCurrent();
      return scope::close;
    };
  }

  void attempt(int number, Cluster cluster, Host host, RequestHead head) {
    Span attempt =
        spans
            .tracer()
            .spanBuilder("router " + cluster.name() + " egress")
            .setParent(context)
            .setSpanKind(SpanKind.CLIENT)
            .startSpan();
    attempt.setAttribute("component", "proxy");
    attempt.setAttribute("upstream_cluster", cluster.name());
    attempt.setAttribute("upstream_cluster.name", cluster.name());
    attempt.setAttribute("upstream_address", host.address());
    attempt.setAttribute("peer.address", host.address());
    attempt.setAttribute("http.protocol", head.protocol().toString());
    attempt.setAttribute("attempt", (long) number);
    attempts.put(number, attempt);
    TraceHeaders.write(head.headers(), attempt.getSpanContext(), spanId(), b3);
  }

  void response(int number, int status) {
    Span attempt = attempts.get(number);
    if (attempt != null) {
      attempt.setAttribute("http.status_code", Integer.toString(status));
      attempt.setAttribute("response_flags", "-");
      if (status >= 500) {
        attempt.setStatus(StatusCode.ERROR);
      }
    }
  }

  void failed(int number, ResetKind kind, String detail) {
    error(number, kind.flag(), detail);
  }

  void timedOut(int number) {
    error(number, ResponseFlag.UPSTREAM_REQUEST_TIMEOUT, "timeout");
  }

  private void error(int number, ResponseFlag flag, String detail) {
    Span attempt = attempts.get(number);
    if (attempt != null) {
      attempt.setAttribute("response_flags", flag.text());
      attempt.setAttribute("error", "true");
      attempt.setStatus(StatusCode.ERROR, detail);
    }
  }

  /** Its stream is over, whatever way. */
  void ended(int number) {
    Span attempt = attempts.remove(number);
    if (attempt != null) {
      attempt.end();
    }
  }

  void over(CallRecord call, Outcome outcome, @Nullable Route route) {
    attempts.values().forEach(Span::end);
    attempts.clear();
    if (mine) {
      if (route != null && route.decorator() != null) {
        span.updateName(route.decorator());
      }
      request(call);
    }
    span.setAttribute("http.status_code", Integer.toString(outcome.status()));
    span.setAttribute("response_flags", outcome.flags().toString());
    span.setAttribute("response_code_details", outcome.details());
    if (!outcome.cluster().isEmpty()) {
      span.setAttribute("upstream_cluster", outcome.cluster());
      span.setAttribute("upstream_cluster.name", outcome.cluster());
    }
    if (outcome.attempts() > 1) {
      span.setAttribute("retry.count", (long) outcome.attempts() - 1);
    }
    tags(call);
    if (mine) {
      if (outcome.status() >= 500 || outcome.status() == 0) {
        span.setAttribute("error", "true");
        span.setStatus(StatusCode.ERROR);
      }
      span.end();
    }
  }

  private void request(CallRecord call) {
    RequestHead head = call.request;
    span.setAttribute("component", "proxy");
    span.setAttribute("http.method", head.method());
    int most = config == null ? 256 : config.maxPathTagLength();
    String path = head.headers().first("x-envoy-original-path");
    String shown = path == null ? head.path() : path;
    span.setAttribute(
        "http.url",
        head.scheme()
            + "://"
            + head.authority()
            + (shown.length() > most ? shown.substring(0, most) : shown));
    span.setAttribute("http.protocol", head.protocol().toString());
    span.setAttribute("request_size", Long.toString(call.requestBytes));
    span.setAttribute("response_size", Long.toString(call.responseBytes));
    some("guid:x-request-id", head.headers().first("x-request-id"));
    some("user_agent", head.headers().first("user-agent"));
    if (call.manager.inbound()) {
      span.setAttribute("peer.address", call.connection.remoteIp());
    }
  }

  private void tags(CallRecord call) {
    if (config == null) {
      return;
    }
    for (CustomTag tag : config.customTags()) {
      String value =
          switch (tag.source()) {
            case LITERAL -> tag.value();
            case ENVIRONMENT -> {
              String set = System.getenv(tag.name());
              yield set == null ? tag.value() : set;
            }
            case HEADER -> {
              String sent = call.request.headers().first(tag.name());
              yield sent == null ? tag.value() : sent;
            }
            case METADATA -> tag.value();
          };
      some(tag.tag(), value.isEmpty() ? null : value);
    }
  }

  private void some(String key, @Nullable String value) {
    if (value != null) {
      span.setAttribute(key, value);
    }
  }
}
