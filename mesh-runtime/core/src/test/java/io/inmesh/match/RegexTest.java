package io.inmesh.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexTest {
  @Test
  void the_whole_value_must_match() {
    Regex regex = Regex.of("/ns/[a-z]+");
    assertThat(regex.matches("/ns/shop")).isTrue();
    assertThat(regex.matches("/ns/shop/x")).isFalse();
    assertThat(regex.matches("x/ns/shop")).isFalse();
  }

  @Test
  void an_expression_made_to_blow_up_stays_linear() {
    String evil = "a".repeat(60_000) + "!";
    long before = System.nanoTime();
    assertThat(Regex.of("(a+)+$").matches(evil)).isFalse();
    assertThat(Regex.of("(a|aa)+").matches(evil)).isFalse();
    assertThat(System.nanoTime() - before).isLessThan(5_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "a(?=b)",
        "(a)\\1",
        "[z-a]",
        "a{2001}",
        "*",
        "((a{500}){500}){500}",
        "(a{1000}){1000}",
        "((([x]{9,}){900}){900})"
      })
  void what_re2_does_not_know_is_refused_with_a_reason(String expression) {
    assertThatThrownBy(() -> Regex.of(expression)).hasMessageContaining("not an RE2 expression");
  }

  @Test
  void nesting_and_length_cannot_hurt_the_process() {
    assertThatThrownBy(() -> Regex.of("(".repeat(16_000) + ")".repeat(16_000)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Regex.of("a".repeat(40_000))).hasMessageContaining("at most");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*",
        ".+",
        ".*/ns/shop/.*",
        "spiffe://x/.*",
        ".*/sa/a",
        "abc",
        "a\\.b",
        "a.b",
        ".*a.*b.*",
        ".*a|b",
        "a.*b",
        "\\.*",
        ".*.*",
        ".*\\.*",
        "a\\.*"
      })
  void the_simpler_matcher_decides_the_same(String expression) {
    Regex regex = Regex.of(expression);
    StringMatcher simplest = Strings.simplest(regex);
    for (String value :
        new String[] {
          "",
          "\n",
          "a",
          "abc",
          "a.b",
          "axb",
          "/ns/shop/",
          "x/ns/shop/y",
          "x/ns/shop/\n",
          "spiffe://x/",
          "spiffe://x/\ny",
          "spiffe://x",
          "/sa/a",
          "\n/sa/a",
          "x/sa/a",
          "x/sa/ab",
          "b",
          ".",
          "..",
          "a.",
          "a..",
          "xab",
          "é"
        }) {
      assertThat(simplest.matches(value)).as(value).isEqualTo(regex.matches(value));
    }
  }

  @Property(tries = 500)
  void the_simpler_matcher_decides_the_same_for_any_words(
      @ForAll @StringLength(max = 4) @Chars({'.', '*', 'a', '/', '\\', '+'}) String expression,
      @ForAll @StringLength(max = 5) @Chars({'.', 'a', '/', '\n', '*'}) String value) {
    Regex regex;
    try {
      regex = Regex.of(expression);
    } catch (IllegalArgumentException e) {
      return;
    }
    assertThat(Strings.simplest(regex).matches(value)).isEqualTo(regex.matches(value));
  }

  @Test
  void a_substitution_names_groups_as_re2_does() {
    Regex regex = Regex.of("^/item/([0-9]+)");
    assertThat(RegexSubstitution.of(regex, "/i/\\1").apply("/item/17/x?y")).isEqualTo("/i/17/x?y");
    assertThat(RegexSubstitution.of(Regex.of("a"), "$1\\\\\\0").apply("bab")).isEqualTo("b$1\\ab");
    String same = "/other";
    assertThat(RegexSubstitution.of(regex, "x").apply(same)).isSameAs(same);
    assertThatThrownBy(() -> RegexSubstitution.of(regex, "\\2")).hasMessageContaining("group 2");
    assertThatThrownBy(() -> RegexSubstitution.of(regex, "a\\")).hasMessageContaining("backslash");
    assertThatThrownBy(() -> RegexSubstitution.of(regex, "\\n")).hasMessageContaining("backslash");
  }
}
