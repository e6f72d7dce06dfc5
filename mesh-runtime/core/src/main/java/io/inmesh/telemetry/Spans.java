package io.inmesh.telemetry;

import io.inmesh.call.CallContext;
import io.inmesh.config.HttpManager;
import io.inmesh.config.TracingConfig;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes the spans of calls through the application's OpenTelemetry. Where the application has a
 * span for the same request already, that one is used instead of a second.
 */
final class Spans {
  /** Under which a context holds the server span that the mesh made. */
  static final ContextKey<Span> SERVED = ContextKey.named("io.inmesh.served");

  private final Tracer tracer;
  private final boolean always;

  /**
   * @param always every call, whatever the configuration says of sampling: the SDK decides
   */
  Spans(OpenTelemetry telemetry, boolean always) {
    this.tracer = telemetry.getTracer("io.inmesh");
    this.always = always;
  }

  Tracer tracer() {
    return tracer;
  }

  /** Whether a manager's calls have spans at all. */
  boolean wanted(@Nullable TracingConfig config) {
    return always || (config != null && !config.provider().isEmpty());
  }

  /** Null: this call is not sampled. What the request carries says so from then on. */
  @Nullable CallSpans begin(
      HttpManager manager,
      @Nullable TracingConfig config,
      RequestHead request,
      @Nullable CallContext inherited) {
    boolean inbound = inherited == null;
    SpanContext told = TraceHeaders.read(request.headers());
    Context current = Context.current();
    Span local = Span.fromContext(current);
    boolean mine = current.get(SERVED) == local;
    boolean b3 = config != null && config.b3();
    if (joins(inbound, told, local, mine)) {
      return new CallSpans(this, config, b3, current, local, false);
    }
    SpanContext parent = parent(inbound, request.headers(), inherited, told, local);
    boolean sampled = parent.isValid() ? parent.isSampled() : sampled(config);
    if (!sampled) {
      if (!parent.isValid()) {
        TraceHeaders.write(request.headers(), unsampled(), null, b3);
      }
      return null;
    }
    Context under = parent.isValid() ? Context.root().with(Span.wrap(parent)) : Context.root();
    Span span =
        tracer
            .spanBuilder(name(manager, request))
            .setParent(under)
            .setSpanKind(inbound ? SpanKind.SERVER : SpanKind.CLIENT)
            .startSpan();
    Context with = inbound ? current.with(span).with(SERVED, span) : current.with(span);
    CallSpans made = new CallSpans(this, config, b3, with, span, true);
    if (inbound) {
      made.write(request.headers());
    }
    return made;
  }

  /** The application has a span for this very request: its own server's, or its own client's. */
  private static boolean joins(boolean inbound, SpanContext told, Span local, boolean mine) {
    if (!local.getSpanContext().isValid() || mine || !local.isRecording()) {
      return false;
    }
    return inbound
        || (told.isValid() && told.getSpanId().equals(local.getSpanContext().getSpanId()));
  }

  /** What the application put into the request, else its current span, else what was served. */
  private static SpanContext parent(
      boolean inbound,
      Headers headers,
      @Nullable CallContext inherited,
      SpanContext told,
      Span local) {
    SpanContext here = local.getSpanContext();
    if (inbound || !here.isValid()) {
      return told;
    }
    boolean passedOn =
        inherited != null
            && sameText(inherited.traceHeaders(), headers, "traceparent")
            && sameText(inherited.traceHeaders(), headers, "b3")
            && sameText(inherited.traceHeaders(), headers, "x-b3-spanid");
    return told.isValid() && !passedOn ? told : here;
  }

  private static boolean sameText(Headers one, Headers other, String name) {
    String value = other.first(name);
    return value == null || value.equals(one.first(name));
  }

  private boolean sampled(@Nullable TracingConfig config) {
    if (always || config == null) {
      return always;
    }
    double dice = ThreadLocalRandom.current().nextDouble(100);
    return dice < config.randomSampling() && dice < config.overallSampling();
  }

  private static SpanContext unsampled() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return SpanContext.create(
        hex(random.nextLong()) + hex(random.nextLong() | 1),
        hex(random.nextLong() | 1),
        TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  private static String hex(long bits) {
    return String.format("%016x", bits);
  }

  /** Envoy's, where no route has a decorator: replaced when the route is known. */
  private static String name(HttpManager manager, RequestHead request) {
    return (manager.inbound() ? "ingress " : "egress ") + request.authority();
  }
}
