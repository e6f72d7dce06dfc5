package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.CallContext;
import io.inmesh.call.Command;
import io.inmesh.call.CurrentCall;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import io.inmesh.telemetry.Telemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Spans as the connection manager asks for them. */
class TracingFieldsTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SAMPLED = "00-" + TRACE + "-b7ad6b7169203331-01";
  private static final String OTEL =
      "'provider': {'name': 'otel', 'typed_config': {'@type':"
          + " 'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig'}}";
  private static final String ZIPKIN =
      "'provider': {'name': 'zipkin', 'typed_config': {'@type':"
          + " 'type.googleapis.com/envoy.config.trace.v3.ZipkinConfig', 'collector_cluster': 'c',"
          + " 'collector_endpoint': '/api/v2/spans'}}";

  private final Configured mesh = new Configured();
  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                  .build())
          .build();

  TracingFieldsTest() {
    mesh.listener = Telemetry.builder(() -> mesh.now).openTelemetry(sdk).build();
  }

  private void tracing(String json) {
    mesh.manager("'tracing': {" + json + "}");
  }

  private List<SpanData> spans() {
    return exporter.getFinishedSpanItems();
  }

  private SpanData named(String start) {
    return spans().stream()
        .filter(span -> span.getName().startsWith(start))
        .findFirst()
        .orElseThrow(() -> new AssertionError(spans().toString()));
  }

  private static String text(SpanData span, String key) {
    return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(key)));
  }

  @Test
  void aCallHasASpanAndEachAttemptOneBelowIt() {
    tracing(OTEL);
    mesh.action("'retry_policy': {'retry_on': '5xx,connect-failure', 'num_retries': 1}");
    mesh.route("'decorator': {'operation': 'reviews:8080/*'}");
    Driven call = mesh.get("/reviews?x=1", "traceparent", SAMPLED);
    Command.Start first = call.start();
    String toFirst = first.head().headers().first("traceparent");
    call.fails(ResetKind.CONNECT_FAILURE);
    call.toDeadline();
    call.skipCancels();
    Command.Start second = call.start();
    String toSecond = second.head().headers().first("traceparent");
    call.answer(200).response();

    SpanData whole = named("reviews:8080/*");
    assertThat(whole.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(whole.getTraceId()).isEqualTo(TRACE);
    assertThat(whole.getParentSpanId()).isEqualTo("b7ad6b7169203331");
    assertThat(text(whole, "http.method")).isEqualTo("GET");
    assertThat(text(whole, "http.url")).isEqualTo("http://reviews.shop:8080/reviews?x=1");
    assertThat(text(whole, "upstream_cluster")).isEqualTo("reviews");
    assertThat(text(whole, "response_flags")).isEqualTo("-");
    List<SpanData> attempts =
        spans().stream().filter(span -> span.getName().equals("router reviews egress")).toList();
    assertThat(attempts)
        .hasSize(2)
        .allSatisfy(attempt -> assertThat(attempt.getParentSpanId()).isEqualTo(whole.getSpanId()));
    assertThat(attempts.get(0).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(text(attempts.get(0), "response_flags")).isEqualTo("UF");
    assertThat(attempts.get(0).getAttributes().get(AttributeKey.longKey("attempt"))).isEqualTo(1);
    assertThat(text(attempts.get(1), "http.status_code")).isEqualTo("200");
    assertThat(text(attempts.get(1), "upstream_address")).isEqualTo(second.host().address());
    assertThat(toFirst).isEqualTo("00-" + TRACE + "-" + attempts.get(0).getSpanId() + "-01");
    assertThat(toSecond).isEqualTo("00-" + TRACE + "-" + attempts.get(1).getSpanId() + "-01");
  }

  @Test
  void samplingIsTheConfigurationsUnlessSomebodyHasDecided() {
    tracing(OTEL + ", 'random_sampling': {'value': 0}");
    Driven undecided = mesh.get("/");
    assertThat(undecided.start().head().headers().first("traceparent")).endsWith("-00");
    undecided.answer(200).response();
    assertThat(spans()).isEmpty();
    Driven decided = mesh.get("/", "traceparent", SAMPLED);
    decided.start();
    decided.answer(200).response();
    assertThat(spans()).hasSize(2);
    exporter.reset();
    tracing(OTEL + ", 'overall_sampling': {'value': 0}");
    Driven capped = mesh.get("/");
    capped.start();
    capped.answer(200).response();
    Driven no = mesh.get("/", "traceparent", SAMPLED.substring(0, 53) + "00");
    no.start();
    no.answer(200).response();
    assertThat(spans()).isEmpty();
  }

  @Test
  void aManagerWithoutAProviderMakesNone() {
    tracing("'random_sampling': {'value': 100}");
    Driven call = mesh.get("/", "traceparent", SAMPLED);
    assertThat(call.start().head().headers().first("traceparent")).isEqualTo(SAMPLED);
    call.answer(200).response();
    assertThat(spans()).isEmpty();
  }

  @Test
  void zipkinSpeaksB3() {
    tracing(ZIPKIN);
    Driven call =
        mesh.get(
            "/", "x-b3-traceid", TRACE, "x-b3-spanid", "b7ad6b7169203331", "x-b3-sampled", "1");
    Headers sent = call.start().head().headers();
    call.answer(200).response();
    SpanData attempt = named("router");
    assertThat(sent.first("x-b3-traceid")).isEqualTo(TRACE);
    assertThat(sent.first("x-b3-spanid")).isEqualTo(attempt.getSpanId());
    assertThat(sent.first("x-b3-parentspanid")).isEqualTo(attempt.getParentSpanId());
    assertThat(sent.first("x-b3-sampled")).isEqualTo("1");
    assertThat(attempt.getTraceId()).isEqualTo(TRACE);
    exporter.reset();
    Driven single = mesh.get("/", "b3", TRACE + "-b7ad6b7169203331-1");
    assertThat(single.start().head().headers().first("b3"))
        .startsWith(TRACE + "-")
        .doesNotContain("b7ad6b7169203331");
    single.answer(200).response();
    assertThat(named("egress").getParentSpanId()).isEqualTo("b7ad6b7169203331");
  }

  @Test
  void customTagsAreSet() {
    tracing(
        OTEL
            + ", 'max_path_tag_length': 4, 'custom_tags': [{'tag': 'team', 'literal': {'value':"
            + " 'blue'}}, {'tag': 'tenant', 'request_header': {'name': 'X-Tenant',"
            + " 'default_value': 'none'}}, {'tag': 'pod', 'environment': {'name':"
            + " 'NO_SUCH_VARIABLE', 'default_value': 'unknown'}}]");
    Driven call = mesh.get("/long/path", "x-tenant", "t1");
    call.start();
    call.answer(200).response();
    SpanData span = named("egress");
    assertThat(text(span, "team")).isEqualTo("blue");
    assertThat(text(span, "tenant")).isEqualTo("t1");
    assertThat(text(span, "pod")).isEqualTo("unknown");
    assertThat(text(span, "http.url")).isEqualTo("http://reviews.shop:8080/lon");
  }

  @Test
  void theApplicationsOwnClientSpanIsJoined() {
    tracing(OTEL);
    Span own = sdk.getTracer("app").spanBuilder("GET").setSpanKind(SpanKind.CLIENT).startSpan();
    try (Scope scope = own.makeCurrent()) {
      Driven call =
          mesh.get(
              "/",
              "traceparent",
              "00-"
                  + own.getSpanContext().getTraceId()
                  + "-"
                  + own.getSpanContext().getSpanId()
                  + "-01");
      call.start();
      call.answer(200).response();
    }
    assertThat(spans()).extracting(SpanData::getName).containsExactly("router reviews egress");
    assertThat(spans().get(0).getParentSpanId()).isEqualTo(own.getSpanContext().getSpanId());
    own.end();
    assertThat(text(named("GET"), "upstream_cluster")).isEqualTo("reviews");
  }

  @Test
  void aServedRequestsSpanIsTheParentOfItsCalls() {
    mesh.listener(
        "virtualInbound",
        "'traffic_direction': 'INBOUND', 'use_original_dst': true, 'address': {'socket_address':"
            + " {'address': '0.0.0.0', 'port_value': 15006}}, 'filter_chains': [{'name': 'in',"
            + " 'filters': ["
            + Configured.managerFilter(
                "'tracing': {"
                    + OTEL
                    + "}, 'route_config': {'name': 'in', 'validate_clusters': false,"
                    + " 'virtual_hosts': [{'name': 'in', 'domains': ['*'], 'routes': [{'match':"
                    + " {'prefix': '/'}, 'route': {'cluster': 'inbound|8080||'}}]}]}")
            + "]}]");
    tracing(OTEL);
    Driven served =
        mesh.inbound(
            Connection.plaintext("10.0.0.9", 8080, "10.0.0.1", 50_000),
            "/",
            "traceparent",
            SAMPLED);
    String seen = served.next(Command.Dispatch.class).head().headers().first("traceparent");
    CallContext context = served.context();
    try (CurrentCall.Scope scope = CurrentCall.enter(context)) {
      assertThat(seen).contains(Span.current().getSpanContext().getSpanId());
      Driven call = mesh.calling("/", context);
      call.start();
      call.answer(200).response();
    }
    assertThat(Span.current().getSpanContext().isValid()).isFalse();
    served.on(new Event.AppHead(new ResponseHead(200, new Headers())));
    served.on(new Event.AppEnd(null));
    SpanData server = named("ingress");
    assertThat(server.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(server.getParentSpanId()).isEqualTo("b7ad6b7169203331");
    assertThat(named("egress").getParentSpanId()).isEqualTo(server.getSpanId());
    assertThat(text(server, "peer.address")).isEqualTo("10.0.0.1");
  }
}
