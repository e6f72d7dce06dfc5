package io.inmesh.config;

import io.inmesh.match.StringMatcher;
import io.inmesh.match.Strings;

/** Compiles {@code envoy.type.matcher.v3.StringMatcher}. */
public final class StringMatchers {
  private StringMatchers() {}

  /**
   * {@code ignore_case} does nothing to {@code safe_regex}, as in Envoy.
   *
   * @throws ConfigException no pattern, an empty prefix, suffix or part, a wrong expression; not
   *     yet: {@code custom}
   */
  public static StringMatcher compile(io.inmesh.proto.envoy.type.matcher.v3.StringMatcher proto) {
    boolean ignoreCase = proto.getIgnoreCase();
    return switch (proto.getMatchPatternCase()) {
      case EXACT -> Strings.exact(proto.getExact(), ignoreCase);
      case PREFIX -> Strings.prefix(notEmpty("prefix", proto.getPrefix()), ignoreCase);
      case SUFFIX -> Strings.suffix(notEmpty("suffix", proto.getSuffix()), ignoreCase);
      case CONTAINS -> Strings.contains(notEmpty("contains", proto.getContains()), ignoreCase);
      case SAFE_REGEX ->
          ConfigException.field("safe_regex", proto.getSafeRegex(), RegexMatchers::compile);
      case CUSTOM ->
          throw ConfigException.notYet("custom", "string matcher " + proto.getCustom().getName());
      case MATCHPATTERN_NOT_SET ->
          throw UnknownFields.in(proto)
              ? ConfigException.notYet("match_pattern", "a kind of matcher newer than this runtime")
              : new ConfigException("match_pattern", "one is required");
    };
  }

  static String notEmpty(String field, String value) {
    if (value.isEmpty()) {
      throw new ConfigException(field, "must not be empty");
    }
    return value;
  }
}
