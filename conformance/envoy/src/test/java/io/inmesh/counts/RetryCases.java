package io.inmesh.counts;

import java.util.List;

/** Where retries go. */
final class RetryCases {
  private static final String PREVIOUS_HOSTS =
      "\"retry_host_predicate\":[{\"name\":\"envoy.retry_host_predicates.previous_hosts\",\"typed_config\":"
          + "{\"@type\":\"type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate\"}}]";
  private static final String PREVIOUS_PRIORITIES =
      "\"retry_priority\":{\"name\":\"envoy.retry_priorities.previous_priorities\",\"typed_config\":"
          + "{\"@type\":\"type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig\",\"update_frequency\":%d}}";

  private RetryCases() {}

  static List<Case> all() {
    return List.of(
        elsewhere("round robin goes on by itself", "", ""),
        elsewhere(
            "previous hosts are avoided",
            "\"lb_policy\":\"RANDOM\"",
            "," + PREVIOUS_HOSTS + ",\"host_selection_retry_max_attempts\":60"),
        chance("without a predicate a retry may come back", ""),
        chance("one more draw", "," + PREVIOUS_HOSTS + ",\"host_selection_retry_max_attempts\":1"),
        onlyOne(),
        priorities(1, "h0>h1>h2 of 3"),
        priorities(2, "h0>h0>h1 of 3"),
        budgetOfAttempts());
  }

  private static String retry(int times, String more) {
    return "\"retry_policy\":{\"retry_on\":\"5xx\",\"num_retries\":%d,\"retry_back_off\":{\"base_interval\":\"0.001s\"}%s}"
        .formatted(times, more);
  }

  /** All three of three hosts, each once, whatever the order. */
  private static Case elsewhere(String name, String policy, String predicate) {
    Case some = Case.of(name, "h0 h1 h2");
    return (policy.isEmpty() ? some : some.cluster(policy))
        .route(retry(2, predicate))
        .played(
            "20 20 20",
            side -> {
              side.send(20, "*=503");
              return side.countOf("h0") + " " + side.countOf("h1") + " " + side.countOf("h2");
            });
  }

  /** How often the only retry meets the first host again. */
  private static Case chance(String name, String predicate) {
    int times = 400;
    double again = predicate.isEmpty() ? 1.0 / 3 : 1.0 / 9;
    return Case.of(name, "h0 h1 h2")
        .cluster("\"lb_policy\":\"RANDOM\"")
        .route(retry(1, predicate))
        .played(
            "as often as by chance",
            side -> {
              side.send(times, "*=503");
              long same =
                  side.seen().stream()
                      .filter(one -> one.hosts().get(0).equals(one.hosts().get(1)))
                      .count();
              return Math.abs(same - times * again) <= 5 * Math.sqrt(times * again * (1 - again))
                  ? "as often as by chance"
                  : same + " of " + times;
            },
            Judgement.random("h0=0.33333 h1=0.33333 h2=0.33333"));
  }

  private static Case onlyOne() {
    return Case.of("nobody else is there", "h0")
        .route(retry(2, "," + PREVIOUS_HOSTS + ",\"host_selection_retry_max_attempts\":3"))
        .played("503, h0 3", side -> side.send("*=503") + ", h0 " + side.countOf("h0"));
  }

  private static Case priorities(int every, String way) {
    return Case.of("previous priorities, looked at after every " + every, "h0 ; h1 ; h2")
        .route(retry(2, "," + PREVIOUS_PRIORITIES.formatted(every)))
        .played(
            "{%s=20}".formatted(way),
            side -> {
              side.send(20, "*=503");
              return Tally.of(side.seen()).ways();
            });
  }

  private static Case budgetOfAttempts() {
    return Case.of("retries end at their number", "h0 h1")
        .route(retry(3, ""))
        .played(
            "503 after 4, 200 after 3",
            side -> {
              int failed = side.send("*=503");
              int attempts = side.countOf("h0") + side.countOf("h1");
              // a host that was asked before: with two in turn that is the third attempt
              int answered = side.send("*=503,200");
              int more = side.countOf("h0") + side.countOf("h1") - attempts;
              return "%d after %d, %d after %d".formatted(failed, attempts, answered, more);
            },
            Judgement.EXACT.butHosts());
  }
}
