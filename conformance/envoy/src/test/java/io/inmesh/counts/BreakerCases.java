package io.inmesh.counts;

import java.util.ArrayList;
import java.util.List;

/** Limits on requests, on those without a connection, on retries. */
final class BreakerCases {
  private static final String RETRIED =
      "\"retry_policy\":{\"retry_on\":\"5xx\",\"num_retries\":1,\"retry_back_off\":{\"base_interval\":\"0.001s\"}}";

  private BreakerCases() {}

  static List<Case> all() {
    return List.of(
        requests("requests in flight", "\"max_requests\":3", 3),
        requests("no request at all", "\"max_requests\":0", 0),
        priorities(),
        pending(),
        retries("retries in flight", "\"max_retries\":2", 2),
        retries("no retry at all", "\"max_retries\":0", 0),
        // of 10 requests in flight, and of what fails while the budget is asked
        retries(
            "a retry budget of requests in flight",
            "\"retry_budget\":{\"budget_percent\":{\"value\":30},\"min_retry_concurrency\":1}",
            3),
        retries(
            "the least concurrency of a retry budget",
            "\"retry_budget\":{\"budget_percent\":{\"value\":0.1},\"min_retry_concurrency\":2}",
            2),
        retries("a retry budget of defaults", "\"retry_budget\":{}", 3));
  }

  private static String thresholds(String fields) {
    return "\"circuit_breakers\":{\"thresholds\":[{" + fields + "}]}";
  }

  private static Case requests(String name, String limit, int most) {
    return Case.of(name, "h0 h1")
        .cluster(thresholds(limit))
        .played(
            "%d held, then 503 503; released 200, then %d".formatted(most, most == 0 ? 503 : 200),
            side -> {
              List<Side.Running> held = new ArrayList<>();
              for (int i = 0; i < most; i++) {
                held.add(side.start("*=hold"));
              }
              int first = side.send("*=200");
              int second = side.send("*=200");
              int released = 200;
              for (Side.Running one : held) {
                released = Math.max(released, one.release());
              }
              return "%d held, then %d %d; released %d, then %d"
                  .formatted(most, first, second, released, side.send("*=200"));
            },
            Judgement.EXACT.butHosts());
  }

  private static Case priorities() {
    return Case.of("each priority has its own limits", "h0")
        .cluster(
            "\"circuit_breakers\":{\"thresholds\":[{\"max_requests\":1},{\"priority\":\"HIGH\",\"max_requests\":2}]}")
        .played(
            "503 200, then 503 503, then 200 200 200",
            side -> {
              Side.Running low = side.start("*=hold");
              int lows = side.send("*=200");
              Side.Running high = side.start("*=hold", "x-priority", "high");
              int highs = side.send("*=200", "x-priority", "high");
              Side.Running second = side.start("*=hold", "x-priority", "high");
              int last = side.send("*=200", "x-priority", "high");
              int still = side.send("*=200");
              return "%d %d, then %d %d, then %d %d %d"
                  .formatted(
                      lows, highs, last, still, low.release(), high.release(), second.release());
            });
  }

  /** Connections that do not come about hold their requests as pending. */
  private static Case pending() {
    return Case.of("requests that wait for a connection", "s0")
        .cluster(thresholds("\"max_pending_requests\":2"))
        .played(
            "503 503, both others 503 503",
            side -> {
              Side.Running one = side.start("*=200");
              Side.Running two = side.start("*=200");
              int third = side.send("*=200");
              int fourth = side.send("*=200");
              return "%d %d, both others %d %d"
                  .formatted(third, fourth, one.release(), two.release());
            });
  }

  /** Retries stay in flight since their host holds them; then one more request fails. */
  private static Case retries(String name, String limit, int most) {
    return Case.of(name, "h0")
        .cluster(thresholds("\"max_requests\":99," + limit))
        .route(RETRIED)
        .played(
            "%d retried, then 500 500, then 200".formatted(most),
            side -> {
              List<Side.Running> held = new ArrayList<>();
              while (held.size() < 10 - most) {
                held.add(side.start("h0=hold"));
              }
              for (int i = 0; i < most; i++) {
                held.add(side.start("h0=500,hold"));
              }
              int first = side.send("h0=500");
              int second = side.send("h0=500");
              int released = 200;
              for (Side.Running one : held) {
                released = Math.max(released, one.release());
              }
              return "%d retried, then %d %d, then %d".formatted(most, first, second, released);
            });
  }
}
