package io.inmesh.counts;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads scripts; remembers how many requests each host has had in each case. */
final class Turns {
  private final Map<String, AtomicInteger> had = new ConcurrentHashMap<>();

  /**
   * What the host does now.
   *
   * @param attempt how often this request was there before
   */
  String word(String caseName, String host, String script, int attempt) {
    int before =
        had.computeIfAbsent(caseName + " " + host, h -> new AtomicInteger()).getAndIncrement();
    for (String part : script.split(" ")) {
      String who = part.substring(0, part.indexOf('='));
      if (who.equals(host) || who.equals("*")) {
        String said = part.substring(who.length() + 1);
        String[] words = said.split("[/,]");
        return said.indexOf(',') < 0
            ? words[before % words.length]
            : words[Math.min(attempt, words.length - 1)];
      }
    }
    throw new IllegalArgumentException(script + " says nothing of " + host);
  }
}
