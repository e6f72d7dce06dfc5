package io.inmesh.config;

import io.inmesh.http.HeaderNames;
import io.inmesh.match.HeaderMatcher;
import io.inmesh.match.HeaderPresenceMatcher;
import io.inmesh.match.HeaderValueMatcher;
import io.inmesh.match.IntRange;
import io.inmesh.match.StringMatcher;
import io.inmesh.match.Strings;

/** Compiles {@code envoy.config.route.v3.HeaderMatcher}. */
public final class HeaderMatchers {
  private HeaderMatchers() {}

  /**
   * Each value of a repeated header is judged alone, as measured on Envoy 1.40 (recording
   * istio-gateway-api/02-httproute, header-04 and header-13); older Envoys joined them.
   *
   * @throws ConfigException no name, a wrong pattern; not yet: a kind that is newer than this
   */
  public static HeaderMatcher compile(io.inmesh.proto.envoy.config.route.v3.HeaderMatcher proto) {
    String name = HeaderNames.lower(StringMatchers.notEmpty("name", proto.getName()));
    boolean empty = proto.getTreatMissingHeaderAsEmpty();
    return switch (proto.getHeaderMatchSpecifierCase()) {
      case PRESENT_MATCH -> presence(name, proto.getPresentMatch(), empty, proto.getInvertMatch());
      case HEADERMATCHSPECIFIER_NOT_SET -> {
        if (UnknownFields.in(proto)) {
          throw ConfigException.notYet(
              "header_match_specifier", "a kind of matcher newer than this runtime");
        }
        yield presence(name, true, empty, proto.getInvertMatch());
      }
      default -> new HeaderValueMatcher(name, value(proto), proto.getInvertMatch(), empty);
    };
  }

  private static HeaderMatcher presence(
      String name, boolean present, boolean missingAsEmpty, boolean invert) {
    if (missingAsEmpty) {
      // what is missing counts as there: the answer is the same for every request
      boolean always = present != invert;
      return head -> always;
    }
    return new HeaderPresenceMatcher(name, present != invert);
  }

  @SuppressWarnings("deprecation") // istiod still sends the deprecated kinds
  private static StringMatcher value(io.inmesh.proto.envoy.config.route.v3.HeaderMatcher proto) {
    return switch (proto.getHeaderMatchSpecifierCase()) {
      case STRING_MATCH ->
          ConfigException.field("string_match", proto.getStringMatch(), StringMatchers::compile);
      case EXACT_MATCH -> Strings.exact(proto.getExactMatch(), false);
      case PREFIX_MATCH ->
          Strings.prefix(StringMatchers.notEmpty("prefix_match", proto.getPrefixMatch()), false);
      case SUFFIX_MATCH ->
          Strings.suffix(StringMatchers.notEmpty("suffix_match", proto.getSuffixMatch()), false);
      case CONTAINS_MATCH ->
          Strings.contains(
              StringMatchers.notEmpty("contains_match", proto.getContainsMatch()), false);
      case SAFE_REGEX_MATCH ->
          ConfigException.field(
              "safe_regex_match", proto.getSafeRegexMatch(), RegexMatchers::compile);
      case RANGE_MATCH ->
          new IntRange(proto.getRangeMatch().getStart(), proto.getRangeMatch().getEnd());
      default -> throw new IllegalStateException(proto.getHeaderMatchSpecifierCase().toString());
    };
  }
}
