package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import io.inmesh.telemetry.Telemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access logs as the connection manager asks for them. */
class AccessLogFieldsTest {
  private final Configured mesh = new Configured();
  private final InMemoryLogRecordExporter records = InMemoryLogRecordExporter.create();
  private final Telemetry telemetry =
      Telemetry.builder(() -> mesh.now)
          .openTelemetry(
              OpenTelemetrySdk.builder()
                  .setLoggerProvider(
                      SdkLoggerProvider.builder()
                          .addLogRecordProcessor(SimpleLogRecordProcessor.create(records))
                          .build())
                  .build())
          .build();

  @TempDir Path folder;

  AccessLogFieldsTest() {
    mesh.listener = telemetry;
  }

  private Path file() {
    return folder.resolve("access.log");
  }

  private static String format(String json) {
    return "'log_format': {" + json + "}";
  }

  private static String text(String format) {
    return format("'text_format_source': {'inline_string': \"" + format + "\"}");
  }

  private void fileLog(String json, String filter) {
    mesh.manager(log(json, filter));
  }

  private String log(String json, String filter) {
    return "'access_log': [{'name': 'file', "
        + (filter.isEmpty() ? "" : "'filter': {" + filter + "}, ")
        + "'typed_config': {'@type':"
        + " 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog', 'path': '"
        + file()
        + "'"
        + (json.isEmpty() ? "" : ", " + json)
        + "}}]";
  }

  private void call(int status, String path, String... headers) {
    Driven call = mesh.get(path, headers);
    call.start();
    mesh.now += 12 * Configured.MS;
    call.answer(status, "x-served-by", "r1").response();
  }

  private List<String> lines() throws IOException {
    telemetry.close();
    return Files.readAllLines(file());
  }

  @Test
  void istiosTextFormat() throws IOException {
    fileLog(
        text(
            "[%START_TIME%] \\\"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\\\""
                + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
                + " %CONNECTION_TERMINATION_DETAILS% \\\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\\\""
                + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
                + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \\\"%REQ(X-FORWARDED-FOR)%\\\""
                + " \\\"%REQ(USER-AGENT)%\\\" \\\"%REQ(X-REQUEST-ID)%\\\" \\\"%REQ(:AUTHORITY)%\\\""
                + " \\\"%UPSTREAM_HOST%\\\" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS%"
                + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\\n"),
        "");
    mesh.route("'name': 'default'");
    call(200, "/reviews/1?x=1", "user-agent", "curl/8", "x-request-id", "7");
    assertThat(lines())
        .singleElement()
        .asString()
        .matches(
            "\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\\] \"GET /reviews/1\\?x=1"
                + " HTTP/1\\.1\" 200 - via_upstream - \"-\" 0 0 12 12 \"-\" \"curl/8\" \"7\""
                + " \"reviews\\.shop:8080\" \"10\\.0\\.0\\.\\d:8080\" reviews - - default");
  }

  @Test
  void jsonKeepsTypesAndLeavesOutWhatIsMissing() throws IOException {
    fileLog(
        format(
            "'json_format': {'code': '%RESPONSE_CODE%', 'nested': {'path': '%REQ(:PATH)%', 'peer':"
                + " '%DOWNSTREAM_PEER_URI_SAN%'}, 'text': 'took %DURATION% ms', 'agent':"
                + " '%REQ(USER-AGENT)%'}, 'omit_empty_values': true"),
        "");
    call(200, "/\\\"quoted\\\"");
    assertThat(lines())
        .containsExactly(
            "{\"code\":200,\"nested\":{\"path\":\"/\\\\\\\"quoted\\\\\\\"\"},\"text\":\"took 12"
                + " ms\"}");
  }

  @Test
  void whatIsMissingIsNullInJson() throws IOException {
    fileLog(format("'json_format': {'agent': '%REQ(USER-AGENT)%', 'a': 'x%RESP(Y)%'}"), "");
    call(200, "/");
    assertThat(lines()).containsExactly("{\"a\":\"x-\",\"agent\":null}");
  }

  @Test
  void flagsAndDetailsAreEnvoys() throws IOException {
    fileLog(text("%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% %RESPONSE_CODE%\\n"), "");
    Driven call = mesh.get("/");
    call.start();
    call.fails(ResetKind.CONNECT_FAILURE).response();
    assertThat(lines()).containsExactly("UF UpstreamConnectionFailure 503");
  }

  @Test
  void conditionsChooseWhatIsLogged() throws IOException {
    fileLog(
        text("%REQ(:PATH)%\\n"),
        "'or_filter': {'filters': [{'status_code_filter': {'comparison': {'op': 'GE', 'value':"
            + " {'default_value': 400, 'runtime_key': 'x'}}}}, {'header_filter': {'header':"
            + " {'name': 'x-log', 'present_match': true}}}, {'and_filter': {'filters':"
            + " [{'duration_filter': {'comparison': {'op': 'GE', 'value': {'default_value': 12,"
            + " 'runtime_key': 'x'}}}}, {'response_flag_filter': {'flags': ['UF']}}]}}]}");
    call(200, "/not");
    call(404, "/status");
    call(200, "/header", "x-log", "1");
    Driven slow = mesh.get("/flag");
    slow.start();
    mesh.now += 20 * Configured.MS;
    slow.fails(ResetKind.CONNECT_FAILURE).response();
    assertThat(lines()).containsExactly("/status", "/header", "/flag");
  }

  @Test
  void celChoosesWhatIsLogged() throws IOException {
    fileLog(
        text("%REQ(:PATH)%\\n"),
        "'extension_filter': {'name': 'cel', 'typed_config': {'@type':"
            + " 'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',"
            + " 'expression': \"response.code >= 400 || request.headers['x-log'] == 'yes'\"}}");
    call(200, "/not");
    call(503, "/code");
    call(200, "/header", "x-log", "yes");
    assertThat(lines()).containsExactly("/code", "/header");
  }

  @Test
  void aFormatWithoutAnyIsEnvoysOwn() throws IOException {
    fileLog("", "");
    call(200, "/a");
    assertThat(lines())
        .singleElement()
        .asString()
        .contains("\"GET /a HTTP/1.1\" 200 - 0 0 12 12 \"-\" \"-\"")
        .endsWith(":8080\"");
  }

  @Test
  void openTelemetryGetsABodyAndAttributes() {
    mesh.manager(
        "'access_log': [{'name': 'otel', 'typed_config': {'@type':"
            + " 'type.googleapis.com/envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',"
            + " 'common_config': {'log_name': 'shop-access', 'transport_api_version': 'V3'}, 'body':"
            + " {'string_value': '%RESPONSE_CODE%'}, 'attributes': {'values': [{'key': 'method',"
            + " 'value': {'string_value': '%REQ(:METHOD)%'}}]}, 'disable_builtin_labels': true}}]");
    call(200, "/");
    assertThat(records.getFinishedLogRecordItems())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.getBodyValue().asString()).isEqualTo("200");
              assertThat(entry.getAttributes().asMap().toString())
                  .contains("method=GET")
                  .contains("log_name=shop-access");
            });
  }

  @Test
  void aServerWhoseLogAsksForTheResponseSeesIt() throws IOException {
    mesh.listener(
        "virtualInbound",
        "'traffic_direction': 'INBOUND', 'use_original_dst': true, 'address': {'socket_address':"
            + " {'address': '0.0.0.0', 'port_value': 15006}}, 'filter_chains': [{'name': 'in',"
            + " 'filters': ["
            + Configured.managerFilter(
                log(text("%RESP(X-SERVED-BY)% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%\\n"), "")
                    + ", 'route_config': {'name': 'in', 'validate_clusters': false,"
                    + " 'virtual_hosts': [{'name': 'in', 'domains': ['*'], 'routes': [{'match':"
                    + " {'prefix': '/'}, 'route': {'cluster': 'inbound|8080||'}}]}]}")
            + "]}]");
    Driven served = mesh.inbound(Connection.plaintext("10.0.0.9", 8080, "10.0.0.1", 50_000), "/");
    served.next(Command.Dispatch.class);
    assertThat(served.wantsResponse()).isTrue();
    served.on(new Event.AppHead(new ResponseHead(200, Headers.of("x-served-by", "me"))));
    served.on(new Event.AppEnd(null));
    assertThat(lines()).containsExactly("me 10.0.0.1");
  }
}
