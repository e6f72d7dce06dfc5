package io.inmesh.config;

import io.inmesh.http.RequestHead;
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

  @Nullable Route find(RequestHead head, LongSupplier random) {
    // One value for all routes, as in Envoy: two routes of 10 % each match the same 10 %.
    long value = this.random ? random.getAsLong() : 0;
    Search search = new Search(head, value);
    String path = head.path();
    int length = head.pathLength();
    exactCase.visit(path, length, search);
    if (!anyCase.isEmpty()) {
      anyCase.visit(path, length, search);
    }
    search.routes(others);
    return search.best == Integer.MAX_VALUE ? null : rules[search.best].route();
  }

  private final class Search implements PathTrie.Visitor {
    private final RequestHead head;
    private final long random;
    private int best = Integer.MAX_VALUE;

    Search(RequestHead head, long random) {
      this.head = head;
      this.random = random;
    }

    @Override
    public void routes(int[] numbers) {
      for (int number : numbers) {
        if (number >= best) {
          return;
        }
        if (rules[number].matches(head, random)) {
          best = number;
          return;
        }
      }
    }
  }
}
