package io.inmesh.counts;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts over the requests of a case. */
record Tally(
    List<Seen> seen,
    Map<String, Integer> outcomes,
    Map<String, Integer> hosts,
    Map<String, Integer> ways) {

  /**
   * @param seen requests in their order
   */
  static Tally of(List<Seen> seen) {
    Map<String, Integer> outcomes = new TreeMap<>();
    Map<String, Integer> hosts = new TreeMap<>();
    Map<String, Integer> ways = new TreeMap<>();
    for (Seen one : seen) {
      outcomes.merge(one.outcome(), 1, Integer::sum);
      one.hosts().forEach(host -> hosts.merge(host, 1, Integer::sum));
      ways.merge(String.join(">", one.hosts()) + " of " + one.attempts(), 1, Integer::sum);
    }
    return new Tally(seen, outcomes, hosts, ways);
  }

  @Override
  public String toString() {
    return outcomes + " " + hosts;
  }
}
