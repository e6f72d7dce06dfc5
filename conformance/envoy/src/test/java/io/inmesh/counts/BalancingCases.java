package io.inmesh.counts;

import java.util.ArrayList;
import java.util.List;

/** Which host: policies, weights, priorities, health, panic, localities, hashes. */
final class BalancingCases {
  private static final int MANY = 600;

  private BalancingCases() {}

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    all.add(
        many(
            "round robin", "h0 h1 h2", "", Judgement.turns(1, "h0=0.33333 h1=0.33333 h2=0.33333")));
    all.add(
        many(
            "round robin by weight",
            "h0*1 h1*2 h2*3",
            "",
            Judgement.turns(6, "h0=0.16667 h1=0.33333 h2=0.5")));
    all.add(
        many(
            "random",
            "h0 h1 h2",
            "\"lb_policy\":\"RANDOM\"",
            Judgement.random("h0=0.33333 h1=0.33333 h2=0.33333")));
    all.add(
        many(
            "random knows no weights of hosts",
            "h0*1 h1*9",
            "\"lb_policy\":\"RANDOM\"",
            Judgement.random("h0=0.5 h1=0.5")));
    all.add(
        many(
            "least request",
            "h0 h1 h2",
            "\"lb_policy\":\"LEAST_REQUEST\"",
            Judgement.random("h0=0.33333 h1=0.33333 h2=0.33333")));
    // Envoy takes turns, Inmesh the same shares at random: docs/deviations.md
    all.add(
        many(
            "least request by weight",
            "h0*1 h1*3",
            "\"lb_policy\":\"LEAST_REQUEST\"",
            Judgement.random("h0=0.25 h1=0.75")));
    all.add(busy());
    priorities(all);
    panic(all);
    localities(all);
    all.add(hashed("ring hash", "\"lb_policy\":\"RING_HASH\""));
    all.add(
        hashed(
            "ring hash over a small ring",
            "\"lb_policy\":\"RING_HASH\",\"ring_hash_lb_config\":{\"minimum_ring_size\":8}"));
    all.add(hashed("maglev", "\"lb_policy\":\"MAGLEV\""));
    return all;
  }

  private static void priorities(List<Case> all) {
    all.add(
        many("healthy first priority", "h0 h1 ; h2", random(), Judgement.random("h0=0.5 h1=0.5")));
    all.add(
        many(
            "half of the first priority is down",
            "h0 h1! ; h2",
            random(),
            Judgement.random("h0=0.7 h2=0.3")));
    all.add(
        many(
            "a fifth down is made up for",
            "h0 h1 h2 h3 h4! ; h5",
            random(),
            Judgement.random("h0=0.25 h1=0.25 h2=0.25 h3=0.25")));
    all.add(
        many(
            "the first priority is down",
            "h0! h1! ; h2 h3",
            random(),
            Judgement.random("h2=0.5 h3=0.5")));
    all.add(
        many(
            "three priorities share",
            "h0 h1! ; h2 h3! h4! ; h5",
            "\"lb_policy\":\"RANDOM\",\"common_lb_config\":{\"healthy_panic_threshold\":{\"value\":0}}",
            Judgement.random("h0=0.7 h2=0.3")));
    all.add(
        many(
            "degraded hosts when healthy ones do not suffice",
            "h0 h1~",
            random(),
            Judgement.random("h0=0.7 h1=0.3")));
    all.add(
        many("an empty first priority", " ; h0 h1", random(), Judgement.random("h0=0.5 h1=0.5")));
    all.add(
        Case.of("ejection fails over", "h0 ; h1")
            .cluster(
                "\"outlier_detection\":{\"interval\":\"0.3s\",\"base_ejection_time\":\"60s\",\"consecutive_5xx\":2,\"max_ejection_percent\":100}")
            .played(
                "h0 2, h1 20",
                side -> {
                  side.send(2, "h0=500 *=200");
                  side.awaitEjected(1);
                  side.send(20, "h0=500 *=200");
                  return "h0 %d, h1 %d".formatted(side.countOf("h0"), side.countOf("h1"));
                }));
  }

  private static String random() {
    return "\"lb_policy\":\"RANDOM\"";
  }

  private static void panic(List<Case> all) {
    String threshold =
        "\"lb_policy\":\"RANDOM\",\"common_lb_config\":{\"healthy_panic_threshold\":{\"value\":%s}}";
    all.add(
        many(
            "below half everyone is asked",
            "h0 h1! h2! h3!",
            random(),
            Judgement.random("h0=0.25 h1=0.25 h2=0.25 h3=0.25")));
    all.add(
        many(
            "above one's own threshold nobody panics",
            "h0 h1! h2! h3!",
            threshold.formatted("20"),
            Judgement.random("h0=1")));
    all.add(many("at the threshold nobody panics", "h0 h1!", random(), Judgement.random("h0=1")));
    all.add(many("all are down and asked", "h0! h1!", random(), Judgement.random("h0=0.5 h1=0.5")));
    all.add(
        many(
            "priorities in panic share by hosts",
            "h0! h1! h2! ; h3!",
            random(),
            Judgement.random("h0=0.25 h1=0.25 h2=0.25 h3=0.25")));
    all.add(
        many(
            "no panic while together they suffice",
            "h0 h1! h2! ; h3 h4",
            random(),
            Judgement.random("h0=0.46 h3=0.27 h4=0.27")));
    all.add(
        Case.of("without panic nobody is there", "h0! h1!")
            .cluster(threshold.formatted("0"))
            .played("503", side -> side.send("*=200")));
    all.add(Case.of("no hosts at all", "").played("503", side -> side.send("*=200")));
  }

  private static void localities(List<Case> all) {
    String weighted = "\"common_lb_config\":{\"locality_weighted_lb_config\":{}}";
    all.add(
        many(
            "localities by weight",
            "@3 h0 h1 | @1 h2",
            weighted,
            Judgement.turns(6, "h0=0.375 h1=0.375 h2=0.25")));
    all.add(
        many(
            "a locality that is half down takes less",
            "@1 h0 h1! | @1 h2",
            weighted,
            Judgement.turns(8, "h0=0.41176 h2=0.58824")));
    all.add(
        many(
            "a locality without weight takes nothing",
            "h0 | @1 h1",
            weighted,
            Judgement.turns(1, "h1=1")));
    all.add(
        many(
            "localities without weights are no matter",
            "@9 h0 | @1 h1",
            random(),
            Judgement.random("h0=0.5 h1=0.5")));
  }

  private static Case many(String name, String members, String cluster, Judgement judged) {
    Case empty = Case.of(name, members);
    return (cluster.isEmpty() ? empty : empty.cluster(cluster))
        .played(
            "200",
            side -> {
              side.send(MANY, "*=200");
              return "200";
            },
            judged);
  }

  /** One of three has requests in flight: it is taken when both draws are it, one time in nine. */
  private static Case busy() {
    return Case.of("least request avoids the busy", "h0 h1 h2")
        .cluster("\"lb_policy\":\"LEAST_REQUEST\"")
        .played(
            "a ninth",
            side -> {
              List<Side.Running> held = new ArrayList<>();
              while (side.countOf("h0") == 0) {
                Side.Running one = side.start("h0=hold *=200");
                held.add(one);
              }
              int before = side.countOf("h0");
              side.send(MANY, "*=200");
              int busy = side.countOf("h0") - before;
              for (Side.Running one : held) {
                one.release();
              }
              double expected = MANY / 9.0;
              return Math.abs(busy - expected) <= 5 * Math.sqrt(expected * 8 / 9)
                  ? "a ninth"
                  : busy + " of " + MANY;
            },
            Judgement.EXACT.butHosts().butOutcomes());
  }

  /** The same key goes to the same host, on both sides. */
  private static Case hashed(String name, String policy) {
    return Case.of(name, "h0 h1 h2 h3 h4")
        .cluster(policy)
        .route("\"hash_policy\":[{\"header\":{\"header_name\":\"x-key\"}}]")
        .played(
            "200",
            side -> {
              for (int key = 0; key < 200; key++) {
                side.send("*=200", "x-key", "key-" + key);
              }
              return "200";
            },
            Judgement.EXACT.oneByOne());
  }
}
