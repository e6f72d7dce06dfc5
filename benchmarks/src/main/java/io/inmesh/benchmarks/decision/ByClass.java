package io.inmesh.benchmarks.decision;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Where the bytes go: the heap's objects by class before and after many calls between which nothing
 * is collected. Needs a young generation that holds them all.
 */
final class ByClass {
  private static final int WARM_UP = 200_000;
  private static final int CALLS = 100_000;

  private ByClass() {}

  /** What one call leaves behind, the most bytes first; a markdown table. */
  static String table(Supplier<Object> call) throws JMException {
    run(call, WARM_UP);
    System.gc();
    Map<String, long[]> before = histogram();
    run(call, CALLS);
    Map<String, long[]> after = histogram();
    List<Map.Entry<String, long[]>> rows = new ArrayList<>();
    after.forEach(
        (name, now) -> {
          long[] then = before.getOrDefault(name, new long[2]);
          long[] more = {now[0] - then[0], now[1] - then[1]};
          if (more[0] > CALLS / 4) {
            rows.add(Map.entry(name, more));
          }
        });
    rows.sort((a, b) -> Long.compare(b.getValue()[1], a.getValue()[1]));
    StringBuilder table = new StringBuilder("| class | objects | bytes |\n|---|---|---|\n");
    for (Map.Entry<String, long[]> row : rows) {
      table.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %.0f | %.0f |%n",
              row.getKey().replaceFirst("^io\\.inmesh\\.", ""),
              (double) row.getValue()[0] / CALLS,
              (double) row.getValue()[1] / CALLS));
    }
    return table.toString();
  }

  private static void run(Supplier<Object> call, int times) {
    for (int i = 0; i < times; i++) {
      if (call.get() == ByClass.class) {
        throw new AssertionError();
      }
    }
  }

  /** Objects and bytes by class, dead ones too. */
  private static Map<String, long[]> histogram() throws JMException {
    String text =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[] {"-all"}},
                    new String[] {String[].class.getName()});
    Map<String, long[]> classes = new HashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.trim().split("\\s+");
      if (words.length >= 4 && words[0].endsWith(":")) {
        classes.put(words[3], new long[] {Long.parseLong(words[1]), Long.parseLong(words[2])});
      }
    }
    return classes;
  }
}
