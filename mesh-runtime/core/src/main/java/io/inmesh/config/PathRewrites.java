package io.inmesh.config;

import io.inmesh.config.RouteAction.PathRewrite;
import io.inmesh.match.RegexSubstitution;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;

/** {@code prefix_rewrite} and {@code regex_rewrite} of routes and redirects. */
final class PathRewrites {
  private PathRewrites() {}

  /**
   * What replaces the part of the path that {@code match} is about: its prefix, or all of it where
   * the match is exact or a regular expression. The query stays.
   */
  static PathRewrite prefix(RouteMatch match, String replacement) {
    return switch (match.getPathSpecifierCase()) {
      case PREFIX -> start(match.getPrefix().length(), replacement);
      case PATH_SEPARATED_PREFIX -> start(match.getPathSeparatedPrefix().length(), replacement);
      default -> path -> replacement + path.substring(queryAt(path));
    };
  }

  private static PathRewrite start(int length, String replacement) {
    return path -> length <= path.length() ? replacement + path.substring(length) : replacement;
  }

  /** Every match in the path, the query left alone. */
  static PathRewrite regex(RegexSubstitution substitution) {
    return path -> {
      int query = queryAt(path);
      return query == path.length()
          ? substitution.apply(path)
          : substitution.apply(path.substring(0, query)) + path.substring(query);
    };
  }

  static int queryAt(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '?' || c == '#') {
        return i;
      }
    }
    return path.length();
  }
}
