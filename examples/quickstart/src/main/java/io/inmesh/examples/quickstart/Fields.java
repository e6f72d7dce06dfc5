package io.inmesh.examples.quickstart;

import java.util.LinkedHashMap;
import java.util.Map;

/** A line that the processes of the demonstration send each other: {@code name key=value ...}. */
record Fields(String name, Map<String, String> values) {
  static Fields parse(String line) {
    String[] words = line.strip().split("\\s+");
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      int at = words[i].indexOf('=');
      if (at > 0) {
        values.put(words[i].substring(0, at), words[i].substring(at + 1));
      }
    }
    return new Fields(words[0], values);
  }

  String text(String key) {
    return values.getOrDefault(key, "");
  }

  int number(String key) {
    String text = text(key);
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }
}
