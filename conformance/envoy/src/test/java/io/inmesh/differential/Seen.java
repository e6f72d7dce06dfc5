package io.inmesh.differential;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How often each deviation occurred in this run. */
final class Seen {
  private static final Map<String, Integer> DEVIATIONS = new ConcurrentHashMap<>();

  private Seen() {}

  static void deviation(String name) {
    DEVIATIONS.merge(name, 1, Integer::sum);
  }

  static Map<String, Integer> deviations() {
    return DEVIATIONS;
  }
}
