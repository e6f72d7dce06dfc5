package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.config.HeaderEdits.FormatValues;
import io.inmesh.http.Headers;
import io.inmesh.proto.envoy.config.core.v3.HeaderValueOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Header operations and formats; accepted, refused and written as by a real Envoy 1.40. */
class HeaderEditsTest {
  private static final Map<String, String> VALUES =
      Map.of(
          "REQ(:path)", "/p?q",
          "REQ(:authority)", "a.example",
          "REQ(x-evil)", "a\r\nx: y",
          "PROTOCOL()", "HTTP/1.1",
          "START_TIME(%Y)", "2026");

  private static final FormatValues CALL =
      (command, argument) -> VALUES.get(command + "(" + (argument == null ? "" : argument) + ")");

  private static HeaderValueOption option(String json) {
    return RbacTestKit.json(HeaderValueOption.newBuilder(), json).build();
  }

  private static HeaderValueOption add(String name, String value, String action) {
    return option(
        "{'header': {'key': '%s', 'value': '%s'}, 'appendAction': '%s'}"
            .formatted(name, value, action));
  }

  private static String after(Headers headers, List<String> remove, HeaderValueOption... add) {
    HeaderEditsCompiler.compile("request_headers", List.of(add), remove).apply(headers, CALL);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < headers.size(); i++) {
      text.append(i == 0 ? "" : " ").append(headers.name(i)).append('=').append(headers.value(i));
    }
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "APPEND_IF_EXISTS_OR_ADD, '', x-a=2",
    "APPEND_IF_EXISTS_OR_ADD, 1, x-a=1 x-a=2",
    "ADD_IF_ABSENT, '', x-a=2",
    "ADD_IF_ABSENT, 1, x-a=1",
    "OVERWRITE_IF_EXISTS_OR_ADD, '', x-a=2",
    "OVERWRITE_IF_EXISTS_OR_ADD, 1, x-a=2",
    "OVERWRITE_IF_EXISTS, '', ''",
    "OVERWRITE_IF_EXISTS, 1, x-a=2"
  })
  void each_append_action(String action, String before, String after) {
    Headers headers = before.isEmpty() ? new Headers() : Headers.of("x-a", before);
    assertThat(after(headers, List.of(), add("X-A", "2", action))).isEqualTo(after);
  }

  @Test
  void removals_come_first_then_what_overwrites_then_what_adds() {
    assertThat(
            after(
                Headers.of("x-a", "0", "x-b", "0"),
                List.of("X-A", "x-b"),
                add("x-a", "1", "APPEND_IF_EXISTS_OR_ADD"),
                add("x-a", "2", "OVERWRITE_IF_EXISTS_OR_ADD")))
        .isEqualTo("x-a=2 x-a=1");
    assertThat(
            after(
                new Headers(),
                List.of(),
                add("x-a", "1", "ADD_IF_ABSENT"),
                add("x-a", "2", "ADD_IF_ABSENT")))
        .isEqualTo("x-a=1 x-a=2");
  }

  @Test
  void the_old_append_still_works_and_contradicts_nothing() {
    String header = "'header': {'key': 'x-a', 'value': '2'}";
    assertThat(
            after(Headers.of("x-a", "1"), List.of(), option("{" + header + ", 'append': false}")))
        .isEqualTo("x-a=2");
    assertThat(after(Headers.of("x-a", "1"), List.of(), option("{" + header + ", 'append': true}")))
        .isEqualTo("x-a=1 x-a=2");
    assertThatThrownBy(
            () ->
                after(
                    new Headers(),
                    List.of(),
                    option("{" + header + ", 'append': true, 'appendAction': 'ADD_IF_ABSENT'}")))
        .hasMessageStartingWith("request_headers_to_add[0].append_action: ");
  }

  @Test
  void an_empty_value_is_dropped_unless_it_is_to_be_kept() {
    String empty = "{'header': {'key': 'x-a', 'value': '%REQ(x-none)%'}";
    assertThat(after(new Headers(), List.of(), option(empty + "}"))).isEmpty();
    assertThat(after(new Headers(), List.of(), option(empty + ", 'keepEmptyValue': true}")))
        .isEqualTo("x-a=");
  }

  @Test
  void a_header_that_is_kept_once_is_appended_after_a_comma() {
    assertThat(
            after(
                Headers.of("vary", "a", "set-cookie", "a"),
                List.of(),
                add("vary", "b", "APPEND_IF_EXISTS_OR_ADD"),
                add("set-cookie", "b", "APPEND_IF_EXISTS_OR_ADD")))
        .isEqualTo("vary=a,b set-cookie=a set-cookie=b");
  }

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "100%%, 100%",
    "[%REQ(x-none)%], []",
    "%REQ(X-Q?:PATH):3%|%PROTOCOL%|%%|%REQ(:authority)%, /p?|HTTP/1.1|%|a.example",
    "%START_TIME(%Y)%!, 2026!",
    "%PROTOCOL()%, HTTP/1.1",
    "%REQ(:path):0%x, x",
    "%DOWNSTREAM_PEER_URI_SAN%-, -"
  })
  void a_format_is_filled_in(String format, String value) {
    assertThat(Format.compile(format).format(CALL)).isEqualTo(value);
  }

  @Test
  void a_value_with_a_line_end_in_it_is_not_sent() {
    assertThat(after(new Headers(), List.of(), add("x-a", "%REQ(x-evil)%", "ADD_IF_ABSENT")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "50%",
        "%FOO%",
        "%REQ%",
        "%REQ()%",
        "%REQ(a",
        "%REQ(a)",
        "%req(a)%",
        "% REQ(a)%",
        "%%%",
        "%PROTOCOL:3%",
        "%PROTOCOL(x)%",
        "%START_TIME:3%",
        "%RESPONSE_FLAGS(x)%",
        "%REQ(a?b?c)%",
        "%REQ(a b)%",
        "%REQ(a):x%",
        "%REQ(a):-1%",
        "%HOSTNAME(x)%",
        "%HOSTNAME:2%",
        "%DURATION:2%",
        "%UPSTREAM_METADATA%",
        "%REQ(a)% %REQ(b)",
        "%VIRTUAL_HOST_NAME%",
        "%FILE_CONTENT(/etc/x)%",
        "%DOWNSTREAM_LOCAL_ADDRESS(x)%",
        "%RESPONSE_CODE_DETAILS:2%"
      })
  void a_format_that_envoy_refuses_is_refused(String format) {
    assertThatThrownBy(() -> Format.compile(format))
        .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.isNotYet()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a%%b",
        "%START_TIME(%Y-%m)%",
        "%UPSTREAM_METADATA([\"a\",\"b\"])%",
        "%PATH(NQ)%",
        "%PATH%",
        "%TRACE_ID%",
        "%UNIQUE_ID%",
        "%QUERY_PARAM(x)%",
        "%ENVIRONMENT(X)%",
        "%METADATA(ROUTE:a:b)%",
        "%COMMON_DURATION(DS_RX_BEG:US_TX_BEG:ms)%",
        "%LISTENER_NAME%",
        "%GRPC_STATUS%",
        "%RESP(x)%",
        "%TRAILER(x)%",
        "%REQUEST_HEADER(a)%",
        "%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%",
        "%FILTER_STATE(a:PLAIN)%",
        "%STREAM_ID%",
        "%SPAN_ID%",
        "%EMIT_TIME%",
        "%FILTER_CHAIN_NAME%",
        "%DOWNSTREAM_PEER_CERT_V_START(%b)%",
        "%CUSTOM_FLAGS%",
        "%HOSTNAME()%",
        "%LOCAL_REPLY_BODY%",
        "%ACCESS_LOG_TYPE%"
      })
  void a_format_that_envoy_accepts_is_accepted(String format) {
    assertThat(Format.compile(format)).isNotNull();
  }

  @Test
  void a_format_that_only_envoy_can_evaluate_is_named() {
    Stream.of("%CEL(request.path)%", "%COALESCE({})%")
        .forEach(
            format ->
                assertThatThrownBy(() -> Format.compile(format))
                    .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.isNotYet()).isTrue()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%START_TIME%", "a %RESP(x)% b", "%REQUEST_HEADER(x)%", "%UNIQUE_ID%"})
  void a_command_that_no_call_answers_is_named_and_not_written_as_nothing(String value) {
    assertThatThrownBy(() -> after(new Headers(), List.of(), add("x-a", value, "ADD_IF_ABSENT")))
        .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.isNotYet()).isTrue())
        .hasMessageContaining("in a header operation");
  }

  @ParameterizedTest
  @ValueSource(strings = {":path", "host", "Host", "x y", "x:y", "é", ""})
  void what_may_not_be_edited_is_refused(String name) {
    assertThatThrownBy(() -> after(new Headers(), List.of(), add(name, "v", "ADD_IF_ABSENT")))
        .hasMessageStartingWith("request_headers_to_add[0].header.key: ");
    assertThatThrownBy(() -> after(new Headers(), List.of("x-ok", name)))
        .hasMessageStartingWith("request_headers_to_remove[1]: ");
  }
}
