package io.inmesh.config;

import io.inmesh.http.RequestHead;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a virtual host, found by path. The first in the order of the configuration still
 * wins: of every list of candidates only what stands before the best so far is looked at. Routes
 * with a regular expression are candidates for every path.
 */
final class RouteIndex {
  private final RouteRule[] rules;
  private final PathTrie exactCase;
  private final PathTrie anyCase;
  private final int[] others;
  private final boolean random;

  RouteIndex(List<RouteRule> rules, PathTrie exactCase, PathTrie anyCase, int[] others) {
    this.rules = rules.toArray(RouteRule[]::new);
    this.exactCase = exactCase;
    this.anyCase = anyCase;
    this.others = others;
    this.random = rules.stream().anyMatch(rule -> rule.fraction() != null);
  }

  /** All of them, in order. */
  List<Route> routes() {
    return Arrays.stream(rules).map(RouteRule::route).toList();
  }

  @Nullable Route find(RequestHead head, LongSupplier random) {
    // One value for all routes, as in Envoy: two routes of 10 % each match the same 10 %.
    long value = this.random ? random.getAsLong() : 0;
    String path = head.path();
    int length = head.pathLength();
    int best = exactCase.visit(path, length, this, head, value, Integer.MAX_VALUE);
    if (!anyCase.isEmpty()) {
      best = anyCase.visit(path, length, this, head, value, best);
    }
    best = better(others, head, value, best);
    return best == Integer.MAX_VALUE ? null : rules[best].route();
  }

  /** The first of these (ascending) that stands before the best so far and matches, or that. */
  int better(int[] numbers, RequestHead head, long random, int best) {
    for (int number : numbers) {
      if (number >= best) {
        return best;
      }
      if (rules[number].matches(head, random)) {
        return number;
      }
    }
    return best;
  }
}
