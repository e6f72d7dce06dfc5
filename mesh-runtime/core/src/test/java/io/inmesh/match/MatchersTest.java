package io.inmesh.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatchersTest {
  @Property(tries = 500)
  void a_part_of_a_text_is_judged_like_the_part_cut_out(
      @ForAll @StringLength(max = 6) @Chars({'a', 'A', 'b', '/'}) String value,
      @ForAll @StringLength(min = 1, max = 3) @Chars({'a', 'A', 'b', '/'}) String pattern,
      @ForAll boolean ignoreCase) {
    for (StringMatcher matcher :
        new StringMatcher[] {
          Strings.exact(pattern, ignoreCase),
          Strings.prefix(pattern, ignoreCase),
          Strings.suffix(pattern, ignoreCase),
          Strings.contains(pattern, ignoreCase),
          Paths.separatedPrefix(pattern, ignoreCase)
        }) {
      String around = pattern + value + pattern;
      int from = pattern.length();
      assertThat(matcher.matches(around, from, from + value.length()))
          .as("%s on %s", matcher, value)
          .isEqualTo(matcher.matches(value));
    }
  }

  @Test
  void only_ascii_letters_are_folded_whatever_the_locale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(Strings.exact("ADMIN.example", true).matches("admin.EXAMPLE")).isTrue();
      assertThat(Strings.exact("k", true).matches("\u212a")).isFalse();
      assertThat(Strings.exact("é", true).matches("É")).isFalse();
      assertThat(Ascii.lower("İI")).isEqualTo("İi");
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/api, /api, true",
    "/api, /api/, true",
    "/api, /api/x, true",
    "/api, /apix, false",
    "/api, /ap, false",
    "/api, /API, false"
  })
  void a_separated_prefix_ends_at_a_slash(String prefix, String path, boolean matches) {
    assertThat(Paths.separatedPrefix(prefix, false).matches(path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "5, true",
    "+5, true",
    "-5, true",
    "10, false",
    "5.0, false",
    "0x5, false",
    "9223372036854775808, false",
    "-9223372036854775809, false",
    "99999999999999999999999, false",
    "007, true",
    "'', false",
    "-, false",
    "٣, false"
  })
  void a_range_is_half_open_and_takes_whole_decimal_numbers(String value, boolean matches) {
    assertThat(new IntRange(-5, 10).matches(value)).isEqualTo(matches);
  }

  @Test
  void the_ends_of_the_numbers_are_numbers() {
    assertThat(new IntRange(Long.MIN_VALUE, Long.MAX_VALUE).matches("-9223372036854775808"))
        .isTrue();
    assertThat(new IntRange(0, Long.MAX_VALUE).matches("9223372036854775806")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/p?v=2, true",
    "/p?a=1&v=2, true",
    "/p?v=2&v=3, true",
    "/p?v=3&v=2, false",
    "/p?v, false",
    "/p, false",
    "/p?xv=2, false",
    "/p?v=%32, false",
    "/p?&&v=2, true",
    "/p?v==2, false",
    "/v=2, false"
  })
  void the_first_parameter_of_a_name_counts_undecoded(String path, boolean matches) {
    assertThat(new QueryMatcher("v", Strings.exact("2", false), true).matches(path))
        .isEqualTo(matches);
  }

  @Test
  void a_parameter_is_there_with_and_without_a_value() {
    QueryMatcher present = new QueryMatcher("v", null, true);
    QueryMatcher absent = new QueryMatcher("v", null, false);
    for (String path : new String[] {"/p?v", "/p?v=", "/p?a&v&b", "/?v=1"}) {
      assertThat(present.matches(path)).as(path).isTrue();
      assertThat(absent.matches(path)).as(path).isFalse();
    }
    assertThat(present.matches("/p?")).isFalse();
    assertThat(absent.matches("/p?")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "a.example.com, a.example.com, true",
    "a.example.com, A.Example.com, true",
    "a.example.com, *.example.com, true",
    "a.b.example.com, *.example.com, false",
    "example.com, *.example.com, false",
    "a.example.com, a.*.com, false",
    "a.example.com, *, false",
    "localhost, *.localhost, false"
  })
  void a_wildcard_in_a_certificate_stands_for_one_label(
      String wanted, String shown, boolean matches) {
    assertThat(Strings.dnsName(wanted).matches(shown)).isEqualTo(matches);
  }
}
