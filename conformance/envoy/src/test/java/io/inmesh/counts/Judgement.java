package io.inmesh.counts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.TreeMap;

/**
 * How counts of hosts are compared; what a play told and how requests ended is always the same. No
 * shares: exactly. Shares: each side is judged alike against Envoy's documented rule.
 *
 * @param shares of each host of all attempts
 * @param hosts whether hosts are counted at all, {@code outcomes} likewise
 * @param each request by request, too
 * @param slack by how many requests a count may be off whatever their number is; below 0: five
 *     standard deviations of independent draws (one false alarm in two million)
 */
record Judgement(
    Map<String, Double> shares, int slack, boolean hosts, boolean outcomes, boolean each) {
  static final Judgement EXACT = new Judgement(Map.of(), 0, true, true, false);
  private static final double DEVIATIONS = 5;

  /** Drawn at random: {@code h0=0.7 h1=0.3}. */
  static Judgement random(String shares) {
    return new Judgement(parse(shares), -1, true, true, false);
  }

  /** In turns, from a start that differs. */
  static Judgement turns(int slack, String shares) {
    return new Judgement(parse(shares), slack, true, true, false);
  }

  /** Where a request goes depends on where turns begin; failures and what is told say enough. */
  Judgement butHosts() {
    return new Judgement(shares, slack, false, outcomes, each);
  }

  /** How many ended how depends on where turns begin; what is told says enough. */
  Judgement butOutcomes() {
    return new Judgement(shares, slack, hosts, false, each);
  }

  /** Each request goes where it goes through Envoy. */
  Judgement oneByOne() {
    return new Judgement(shares, slack, hosts, outcomes, true);
  }

  private static Map<String, Double> parse(String shares) {
    Map<String, Double> parsed = new TreeMap<>();
    for (String share : shares.split(" ")) {
      int is = share.indexOf('=');
      parsed.put(share.substring(0, is), Double.valueOf(share.substring(is + 1)));
    }
    return parsed;
  }

  void judge(Played envoy, Played inmesh, String expected) {
    assertThat(envoy.told()).as("what a real Envoy does").isEqualTo(expected);
    assertThat(inmesh.told()).as("what Inmesh does (Envoy: %s)", envoy).isEqualTo(expected);
    if (outcomes) {
      assertThat(outcomes(inmesh)).as("outcomes: Inmesh, and Envoy").isEqualTo(outcomes(envoy));
    }
    if (each) {
      assertThat(inmesh.tally().seen()).as("request by request").isEqualTo(envoy.tally().seen());
    }
    if (!hosts) {
      return;
    }
    if (shares.isEmpty()) {
      assertThat(inmesh.tally().hosts())
          .as("hosts: Inmesh, and Envoy")
          .isEqualTo(envoy.tally().hosts());
    } else {
      shared("Envoy", envoy.tally().hosts());
      shared("Inmesh", inmesh.tally().hosts());
    }
  }

  /** Where turns begin decides how many fill the time until something happens. */
  private Map<String, Integer> outcomes(Played played) {
    Map<String, Integer> counted = new TreeMap<>(played.tally().outcomes());
    if (!hosts) {
      counted.remove("200 via_upstream");
    }
    return counted;
  }

  private void shared(String who, Map<String, Integer> counts) {
    int all = counts.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(shares.keySet()).as("hosts that %s asked", who).containsAll(counts.keySet());
    shares.forEach(
        (host, share) ->
            assertThat((double) counts.getOrDefault(host, 0))
                .as("%s: requests to %s of %s", who, host, counts)
                .isCloseTo(all * share, within(off(all, share))));
  }

  private double off(int all, double share) {
    return slack >= 0 ? slack : DEVIATIONS * Math.sqrt(all * share * (1 - share)) + 0.5;
  }

  /** One side's result. */
  record Played(String told, Tally tally) {}
}
