package io.inmesh.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelTest {
  private static final Map<String, Object> ATTRIBUTES =
      Map.of(
          "request.method",
          "GET",
          "response.code",
          404L,
          "request.duration",
          0.25,
          "connection.mtls",
          false,
          "request.headers",
          (Cel.Lookup) Map.of("x-tenant", "blue")::get);

  private static Object value(String expression) {
    return Cel.compile(expression).value(ATTRIBUTES::get);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '"',
      value = {
        "response.code >= 400 || connection.mtls == false ~ true",
        "response.code >= 500 && connection.mtls == false ~ false",
        "response.code == 404 ? 'gone' : 'there' ~ gone",
        "request.headers['x-tenant'] ~ blue",
        "request.headers['x-other'] ~ error",
        "has(request.headers['x-other']) ~ false",
        "'x-tenant' in request.headers ~ true",
        "request.method in ['GET', 'HEAD'] ~ true",
        "request.method.startsWith('G') && request.method.matches('^G.T$') ~ true",
        "!(size(request.method) != 3) ~ true",
        "string(response.code) + '!' ~ 404!",
        "response.code - 4 + 1 ~ 401",
        "request.duration < 0.5 ~ true",
        "missing.thing || true ~ true",
        "missing.thing && true ~ error",
        "missing.thing == 1 || response.code == 404 ~ true",
        "request.method < 3 ~ error",
        "-1 < 0 ~ true"
      })
  void expressionsHaveTheirValue(String expression, String value) {
    assertThat(value(expression)).hasToString(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a ==", "a b", "'open", "f(1)", "(1", "a[1", "1..2", "a.startsWith()"})
  void whatIsNoExpressionIsRefusedWithItsPlace(String expression) {
    assertThatThrownBy(() -> Cel.compile(expression))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(" at ");
  }

  @Test
  void anErrorIsNotTrue() {
    assertThat(Cel.compile("missing").test(ATTRIBUTES::get)).isFalse();
    assertThat(Cel.compile("connection.mtls == false").test(ATTRIBUTES::get)).isTrue();
  }
}
