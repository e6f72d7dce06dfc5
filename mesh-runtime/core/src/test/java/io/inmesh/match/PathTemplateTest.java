package io.inmesh.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verdicts of a real Envoy 1.40 on the same templates and paths. */
class PathTemplateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/x/* /x/a true",
        "/x/* /x/a=b true",
        "/x/* /x/a*b true",
        "/x/* /x/a%7Cb true",
        "/x/* /x/ false",
        "/x/* /x/a/b false",
        "/x/* /x/a;b true",
        "/x/* /x/[a] false",
        "/x/* /x false",
        "/x/* /x/a~b true",
        "/f/**/raw /f/raw false",
        "/f/**/raw /f//raw true",
        "/f/**/raw /f/a/raw true",
        "/f/**/raw /f/a/b/raw true",
        "/f/**/raw /f/a=b/raw true",
        "/f/**/raw /f/a*/raw true",
        "/f/**/raw /f/rawraw false",
        "/t/** /t false",
        "/t/** /t/ true",
        "/t/** /t/a/b true",
        "/t/** /tx false",
        "/{a}/{b=*/z/**}.js /1/2/z/.js true",
        "/{a}/{b=*/z/**}.js /1/2/z/a.js true",
        "/{a}/{b=*/z/**}.js /1/2/z/a/b.js true",
        "/{a}/{b=*/z/**}.js /1/2/z.js false",
        "/s/*.html /s/.html false",
        "/s/*.html /s/a.html true",
        "/s/*.html /s/a.htmlx false",
        "/s/*.html /s/a.b.html true",
        "/ / true",
        "/ /a false",
        "/** / true",
        "/a/ /a/ true",
        "/a/ /a false",
        "/api/*/reviews /api/é/reviews false"
      })
  void matches_as_envoy_does(String template, String path, boolean matches) {
    StringMatcher matcher = Paths.template(template);
    assertThat(matcher.matches(path)).isEqualTo(matches);
    assertThat(matcher.matches("?" + path + "?q=/", 1, path.length() + 1)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "/**/*",
        "/**/{x}",
        "/{x",
        "/{1}",
        "/{x}/{x}",
        "/{x=}",
        "/a b",
        "/{a}{b}",
        "/a//b",
        "/*/x*y",
        "/{aaaaaaaaaaaaaaaaa}",
        "/{a}/{b}/{c}/{d}/{e}/{f}",
        "/*.js/x",
        "/é"
      })
  void what_is_no_template_is_refused(String template) {
    assertThatThrownBy(() -> Paths.template(template)).hasMessageContaining("path template");
  }
}
