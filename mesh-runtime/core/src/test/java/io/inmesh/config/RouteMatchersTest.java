package io.inmesh.config;

import static io.inmesh.config.RbacTestKit.get;
import static io.inmesh.config.RbacTestKit.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.proto.envoy.config.route.v3.HeaderMatcher;
import io.inmesh.proto.envoy.config.route.v3.QueryParameterMatcher;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteMatchersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'stringMatch': {'exact': 'a,b'} | a | b | false",
        "'stringMatch': {'exact': 'a'} | a | b | true",
        "'stringMatch': {'contains': 'A', 'ignoreCase': true} | xa | b | true",
        "'stringMatch': {'suffix': 'b'} | a | b | true",
        "'prefixMatch': 'a,' | a | b | false",
        "'rangeMatch': {'start': 1, 'end': 3} | 1 | 2 | true",
        "'stringMatch': {'safeRegex': {'regex': 'a.b'}} | a | b | false"
      })
  void a_route_judges_each_value_of_a_repeated_header(
      String matcher, String first, String second, boolean matches) {
    var compiled =
        HeaderMatchers.compile(
            json(HeaderMatcher.newBuilder(), "{'name': 'X', " + matcher + "}").build());
    assertThat(compiled.matches(get("/", "x", first, "x", second))).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, false", "x, false"})
  void a_range_of_header_values_is_half_open(String value, boolean matches) {
    var compiled =
        HeaderMatchers.compile(
            json(HeaderMatcher.newBuilder(), "{'name': 'x', 'rangeMatch': {'start': 1, 'end': 3}}")
                .build());
    assertThat(compiled.matches(get("/", "x", value))).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'stringMatch': {'exact': '2'} | /p?v=2 | true",
        "'stringMatch': {'exact': '2'} | /p?v=3 | false",
        "'presentMatch': true | /p?v | true",
        "'presentMatch': true | /p | false",
        "'presentMatch': false | /p | true"
      })
  void a_query_parameter(String matcher, String path, boolean matches) {
    var compiled =
        QueryMatchers.compile(
            json(QueryParameterMatcher.newBuilder(), "{'name': 'v', " + matcher + "}").build());
    assertThat(compiled.matches(path)).isEqualTo(matches);
  }
}
