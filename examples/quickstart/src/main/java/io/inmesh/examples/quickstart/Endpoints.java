package io.inmesh.examples.quickstart;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many endpoints a workload sees, as the mesh inside it logs them. */
final class Endpoints {
  static final String ALL_OF_REVIEWS = "outbound|8080||reviews.shop.svc.cluster.local";
  static final String V2_OF_REVIEWS = "outbound|8080|v2|reviews.shop.svc.cluster.local";
  private static final String PHRASE = "endpoints in force";

  private Endpoints() {}

  /** The number that this line of a log tells of the cluster; -1: it tells none. */
  static int of(String line, String cluster) {
    return line.contains(PHRASE) && Fields.parse(plain(line)).text("cluster").equals(cluster)
        ? Fields.parse(plain(line)).number("endpoints")
        : -1;
  }

  /** The fewest of each cluster in these lines. */
  static Map<String, Integer> fewest(List<Child.Line> lines) {
    Map<String, Integer> fewest = new TreeMap<>();
    for (Child.Line line : lines) {
      if (line.text().contains(PHRASE)) {
        Fields fields = Fields.parse(plain(line.text()));
        fewest.merge(fields.text("cluster"), fields.number("endpoints"), Math::min);
      }
    }
    return fewest;
  }

  /** The last of each cluster in these lines. */
  static Map<String, Integer> last(List<Child.Line> lines) {
    Map<String, Integer> last = new TreeMap<>();
    for (Child.Line line : lines) {
      if (line.text().contains(PHRASE)) {
        Fields fields = Fields.parse(plain(line.text()));
        last.put(fields.text("cluster"), fields.number("endpoints"));
      }
    }
    return last;
  }

  /** SLF4J's simple logger puts values in quotes. */
  private static String plain(String line) {
    return line.replace("\"", "");
  }
}
