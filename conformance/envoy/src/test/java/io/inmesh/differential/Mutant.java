package io.inmesh.differential;

import java.lang.reflect.InvocationTargetException;
import java.util.List;

/**
 * A seeded bug: the engine's own byte code with one method changed, loaded beside the real one. It
 * is found when any pair of the sample then differs from what Envoy answered.
 *
 * @param method name, with the beginning of its descriptor where names are overloaded
 */
record Mutant(String bug, String type, String method, MutatingLoader.Change change) {
  private static Mutant of(String bug, String type, String method, MutatingLoader.Change change) {
    return new Mutant(bug, "io.inmesh." + type, method, change);
  }

  /** One for each part of a decision. */
  static final List<Mutant> ALL =
      List.of(
          of("paths are not normalised", "call.PathRules", "apply", Changes.NULL),
          of("slashes are not merged", "match.PathNormalizer", "merge", Changes.FIRST),
          of("escaped slashes do not redirect", "match.PathNormalizer", "redirects", Changes.FALSE),
          of("hop-by-hop headers pass", "call.HeadRules", "hopByHop", Changes.NOTHING),
          of("controls of callers pass", "call.HeadRules", "hasControls", Changes.FALSE),
          of("no header is an attack", "call.HeadRules", "malformed", Changes.NULL),
          of(
              "header matchers invert wrongly",
              "match.HeaderValueMatcher",
              "matches(Lio/inmesh/http/Headers;",
              Changes.negated(4)),
          of("a missing header matches", "match.HeaderValueMatcher", "missing", Changes.TRUE),
          of("query parameters are not looked at", "match.QueryMatcher", "matches", Changes.TRUE),
          of("number ranges hold everything", "match.IntRange", "contains", Changes.TRUE),
          of("CIDR ranges hold everything", "match.Cidr", "contains", Changes.TRUE),
          of("nothing is gRPC", "http.RequestHead", "grpc", Changes.FALSE),
          of("gRPC statuses are all unknown", "call.LocalReplies", "grpcStatus", Changes.number(2)),
          of(
              "answers are never retried",
              "call.RetryRules",
              "wouldRetry(Lio/inmesh/config/RetryPolicy;Lio/inmesh/http",
              Changes.FALSE),
          of(
              "failures are always retried",
              "call.RetryRules",
              "wouldRetry(Lio/inmesh/config/RetryPolicy;Lio/inmesh/call",
              Changes.TRUE),
          of("overwriting appends", "config.HeaderEditList$Action", "overwrites", Changes.FALSE),
          of("own answers keep their headers", "call.BaseCall", "edited", Changes.FIRST),
          of("nothing is mirrored", "call.OutboundCall", "mirror", Changes.NOTHING),
          of("the old host is not told", "call.UpstreamHead", "rewriteHost", Changes.NOTHING),
          of("responses are not edited", "call.UpstreamHead", "editResponse", Changes.NOTHING),
          of("fractions always hit", "config.Fraction", "hit", Changes.TRUE),
          of("the query is rewritten too", "config.PathRewrites", "queryAt", Changes.number(1)),
          of("redirects keep the caller's path", "config.RedirectCompiler", "path", Changes.FIRST),
          of(
              "filters do not see answers",
              "filter.HeaderMutationFilter",
              "response",
              Changes.NOTHING));

  /** Where it shows first; empty: nowhere. */
  String foundIn(List<Differential.Judged> sample, Upstreams upstreams) throws Exception {
    MutatingLoader mutated = new MutatingLoader(type, method, change);
    int pairs = 0;
    for (Differential.Judged judged : sample) {
      List<Answer> mine;
      try {
        mine = mutated.ask(judged.scenario(), upstreams);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof LinkageError broken) {
          throw broken; // the mutation is, not the engine
        }
        return "fails after " + pairs + " pairs: " + e.getCause();
      }
      for (int r = 0; r < mine.size(); r++) {
        pairs++;
        List<String> what = Comparison.differences(judged.envoy().get(r), mine.get(r));
        if (!what.isEmpty()) {
          mutated.requireApplied();
          return "in pair " + pairs + ", " + what.get(0);
        }
      }
    }
    mutated.requireApplied();
    return "";
  }

  @Override
  public String toString() {
    return bug + " (" + type + "." + method + ")";
  }
}
