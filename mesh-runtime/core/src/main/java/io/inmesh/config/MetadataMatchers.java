package io.inmesh.config;

import io.inmesh.match.MetadataValues;
import io.inmesh.match.RequestMatcher;
import io.inmesh.match.RequestMatchers;
import io.inmesh.proto.envoy.type.matcher.v3.DoubleMatcher;
import io.inmesh.proto.envoy.type.matcher.v3.MetadataMatcher;
import io.inmesh.proto.envoy.type.matcher.v3.MetadataMatcher.PathSegment;
import io.inmesh.proto.envoy.type.matcher.v3.ValueMatcher;

/** Compiles {@code MetadataMatcher}. */
final class MetadataMatchers {
  private MetadataMatchers() {}

  static RequestMatcher compile(MetadataMatcher proto) {
    StringMatchers.notEmpty("filter", proto.getFilter());
    if (proto.getPathCount() == 0) {
      throw new ConfigException("path", "must not be empty");
    }
    return RequestMatchers.metadata(
        proto.getFilter(),
        proto.getPathList().stream().map(PathSegment::getKey).toList(),
        ConfigException.field("value", proto.getValue(), MetadataMatchers::value),
        proto.getInvert());
  }

  private static MetadataValues.ValueMatcher value(ValueMatcher proto) {
    return switch (proto.getMatchPatternCase()) {
      case NULL_MATCH -> MetadataValues.isNull();
      case DOUBLE_MATCH -> number(proto.getDoubleMatch());
      case STRING_MATCH ->
          MetadataValues.string(
              ConfigException.field(
                  "string_match", proto.getStringMatch(), StringMatchers::compile));
      case BOOL_MATCH -> MetadataValues.bool(proto.getBoolMatch());
      case PRESENT_MATCH -> MetadataValues.present(proto.getPresentMatch());
      case LIST_MATCH ->
          MetadataValues.oneOf(
              ConfigException.field(
                  "list_match.one_of", proto.getListMatch().getOneOf(), MetadataMatchers::value));
      case OR_MATCH ->
          MetadataValues.or(
              ConfigException.each(
                  "or_match.value_matchers",
                  proto.getOrMatch().getValueMatchersList(),
                  MetadataMatchers::value));
      case MATCHPATTERN_NOT_SET -> throw RbacMatchers.notSet(proto, "match_pattern");
    };
  }

  private static MetadataValues.ValueMatcher number(DoubleMatcher proto) {
    return switch (proto.getMatchPatternCase()) {
      case RANGE -> MetadataValues.number(proto.getRange().getStart(), proto.getRange().getEnd());
      case EXACT -> MetadataValues.number(proto.getExact());
      case MATCHPATTERN_NOT_SET -> throw RbacMatchers.notSet(proto, "double_match");
    };
  }
}
