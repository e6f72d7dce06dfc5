package io.inmesh.config;

import io.inmesh.match.QueryMatcher;
import io.inmesh.proto.envoy.config.route.v3.QueryParameterMatcher;

/** Compiles {@code QueryParameterMatcher}. */
public final class QueryMatchers {
  private QueryMatchers() {}

  /**
   * @throws ConfigException no name, a wrong pattern
   */
  public static QueryMatcher compile(QueryParameterMatcher proto) {
    String name = StringMatchers.notEmpty("name", proto.getName());
    return switch (proto.getQueryParameterMatchSpecifierCase()) {
      case STRING_MATCH ->
          new QueryMatcher(
              name,
              ConfigException.field(
                  "string_match", proto.getStringMatch(), StringMatchers::compile),
              true);
      case PRESENT_MATCH -> new QueryMatcher(name, null, proto.getPresentMatch());
      case QUERYPARAMETERMATCHSPECIFIER_NOT_SET -> {
        if (UnknownFields.in(proto)) {
          throw ConfigException.notYet(
              "query_parameter_match_specifier", "a kind of matcher newer than this runtime");
        }
        yield new QueryMatcher(name, null, true);
      }
    };
  }
}
