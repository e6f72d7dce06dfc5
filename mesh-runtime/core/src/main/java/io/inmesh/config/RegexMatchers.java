package io.inmesh.config;

import io.inmesh.match.Regex;
import io.inmesh.match.RegexSubstitution;
import io.inmesh.match.StringMatcher;
import io.inmesh.match.Strings;
import io.inmesh.proto.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.inmesh.proto.envoy.type.matcher.v3.RegexMatcher;

/** Compiles {@code RegexMatcher}: RE2, the whole value must match. */
public final class RegexMatchers {
  private RegexMatchers() {}

  /**
   * @throws ConfigException not an RE2 expression
   */
  public static StringMatcher compile(RegexMatcher proto) {
    return Strings.simplest(regex(proto));
  }

  /**
   * @throws ConfigException not an RE2 expression, or a substitution that does not fit it
   */
  public static RegexSubstitution compile(RegexMatchAndSubstitute proto) {
    Regex regex = ConfigException.field("pattern", proto.getPattern(), RegexMatchers::regex);
    try {
      return RegexSubstitution.of(regex, proto.getSubstitution());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("substitution", String.valueOf(e.getMessage()));
    }
  }

  private static Regex regex(RegexMatcher proto) {
    if (proto.getRegex().isEmpty()) {
      throw new ConfigException("regex", "must not be empty");
    }
    try {
      return Regex.of(proto.getRegex());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("regex", String.valueOf(e.getMessage()));
    }
  }
}
