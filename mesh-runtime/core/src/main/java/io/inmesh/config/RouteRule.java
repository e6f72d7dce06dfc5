package io.inmesh.config;

import io.inmesh.http.RequestHead;
import io.inmesh.match.HeaderMatcher;
import io.inmesh.match.QueryMatcher;
import io.inmesh.match.StringMatcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a {@code RouteMatch} when the path is taken care of by the index.
 *
 * @param path {@code safe_regex}, which no index can answer; null: the index has decided
 * @param connect {@code connect_matcher}: CONNECT requests only
 * @param fraction {@code runtime_fraction}; null: always
 */
record RouteRule(
    Route route,
    @Nullable StringMatcher path,
    boolean connect,
    boolean grpc,
    List<HeaderMatcher> headers,
    List<QueryMatcher> query,
    @Nullable Fraction fraction) {

  boolean matches(RequestHead head, long random) {
    if (path != null && !path.matches(pathOf(head))) {
      return false;
    }
    if (connect && !head.method().equals("CONNECT")) {
      return false;
    }
    if (fraction != null && !fraction.hit(random)) {
      return false;
    }
    if (grpc && !head.grpc()) {
      return false;
    }
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.get(i).matches(head)) {
        return false;
      }
    }
    for (int i = 0; i < query.size(); i++) {
      if (!query.get(i).matches(head.path())) {
        return false;
      }
    }
    return true;
  }

  private static String pathOf(RequestHead head) {
    int length = head.pathLength();
    return length == head.path().length() ? head.path() : head.path().substring(0, length);
  }
}
