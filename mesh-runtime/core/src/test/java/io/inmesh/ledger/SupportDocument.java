package io.inmesh.ledger;

import io.inmesh.ledger.Schema.Field;
import io.inmesh.ledger.Schema.Message;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.recordings.Recordings;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The ledger as a document, and its counts as a fragment for the README. */
final class SupportDocument {
  private static final String BEGIN = "<!-- ledger:begin -->";
  private static final String END = "<!-- ledger:end -->";

  private final Ledger ledger;
  private final Map<LedgerRow, Integer> fieldsOf = new HashMap<>();
  private final Map<SupportState, Integer> all = new EnumMap<>(SupportState.class);
  private final Map<SupportState, Integer> seen = new EnumMap<>(SupportState.class);

  SupportDocument(Ledger ledger) {
    this.ledger = ledger;
    Set<String> recorded = recordedFields();
    for (Message m : ledger.schema().messages()) {
      for (Field f : m.byNumber.values()) {
        LedgerRow row = f.row;
        if (!m.mapEntry && row != null) {
          fieldsOf.merge(row, 1, Integer::sum);
          all.merge(row.state(), 1, Integer::sum);
          if (recorded.contains(f.path())) {
            seen.merge(row.state(), 1, Integer::sum);
          }
        }
      }
    }
  }

  /** Which fields real control planes were seen to send. */
  private Set<String> recordedFields() {
    Set<String> fields = new HashSet<>();
    for (String scenario : Recordings.scenarios()) {
      for (String node : Recordings.nodes(scenario)) {
        for (var response : Recordings.responses(scenario, node)) {
          for (Resource r : response.getResourcesList()) {
            fields.addAll(
                ledger.fieldsIn(r.getResource().getTypeUrl(), r.getResource().getValue()));
          }
        }
      }
    }
    return fields;
  }

  /** The table of counts. */
  String counts() {
    StringBuilder s = new StringBuilder();
    s.append("| state | all known fields | fields in the recordings of Istio and Kuma |\n");
    s.append("|---|---|---|\n");
    for (SupportState state : SupportState.values()) {
      s.append("| %s | %d | %d |\n".formatted(state.label(), n(all, state), n(seen, state)));
    }
    int total = all.values().stream().mapToInt(Integer::intValue).sum();
    int recorded = seen.values().stream().mapToInt(Integer::intValue).sum();
    return s.append("| together | %d | %d |\n".formatted(total, recorded)).toString();
  }

  private static int n(Map<SupportState, Integer> counts, SupportState state) {
    return counts.getOrDefault(state, 0);
  }

  /** All of docs/envoy-support.md. */
  String document() {
    StringBuilder s = new StringBuilder();
    s.append(
        """
        # What Inmesh does with Envoy's configuration

        Generated from `support-ledger.tsv` by `SupportDocumentTest`; do not edit. Every field of every message that Inmesh knows has one state:

        - **enforced**: does what Envoy does; the test that shows it is named
        - **harmless**: ignored, and neither caller nor upstream nor metrics can tell
        - **refused**: not done on purpose; what it governs is refused with the reason
        - **not yet**: not done so far; at run time each such field in the live configuration is named

        """);
    s.append(counts());
    s.append(
        """

        In the tables a row with `*` stands for all fields below it that have no row of their own; the number says how many.
        """);
    Map<String, StringBuilder> sections = new TreeMap<>();
    for (LedgerRow row : ledger.rows()) {
      String section = section(row.pattern());
      sections
          .computeIfAbsent(section, k -> new StringBuilder())
          .append(line(row, row.pattern().substring(section.length() + 1)));
    }
    sections.forEach(
        (name, rows) ->
            s.append("\n## ")
                .append(name)
                .append("\n\n| field | state | test, reason or topic |\n|---|---|---|\n")
                .append(rows));
    return s.toString();
  }

  private String line(LedgerRow row, String name) {
    int fields = fieldsOf.getOrDefault(row, 0);
    String count = name.endsWith("*") ? " (" + fields + ")" : "";
    String note = row.note().replace("io.inmesh.", "").replace("|", "\\|");
    return "| `%s`%s | %s | %s |\n".formatted(name, count, row.state().label(), note);
  }

  /** The proto package: everything before the first capital letter or star. */
  private static String section(String pattern) {
    int end = 0;
    for (int dot = pattern.indexOf('.'); dot >= 0; dot = pattern.indexOf('.', dot + 1)) {
      end = dot;
      if (dot + 1 < pattern.length() && !Character.isLowerCase(pattern.charAt(dot + 1))) {
        break;
      }
    }
    return pattern.substring(0, end);
  }

  /** Puts the counts between the README's markers; a text without markers stays as it is. */
  String insertCounts(String readme) {
    int begin = readme.indexOf(BEGIN);
    int end = readme.indexOf(END);
    if (begin < 0 || end < begin) {
      return readme;
    }
    return readme.substring(0, begin + BEGIN.length()) + "\n" + counts() + readme.substring(end);
  }
}
