package io.inmesh.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What became of each case: one row for each, every column a word about it. */
final class OutcomeTable {
  private static final int COLUMNS_BESIDE_EACH_OTHER = 4;

  private final Map<String, Map<String, String>> rows = new LinkedHashMap<>();

  /** A new row; its columns are put into the map. */
  Map<String, String> row(String name) {
    Map<String, String> row = new LinkedHashMap<>();
    if (rows.put(name, row) != null) {
      throw new IllegalArgumentException("two rows are called " + name);
    }
    return row;
  }

  int size() {
    return rows.size();
  }

  String cell(String row, String column) {
    return rows.get(row).get(column);
  }

  /** One line for each cell that differs, with both values. */
  List<String> differences(String ours, OutcomeTable other, String theirs) {
    List<String> found = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>(rows.keySet());
    names.addAll(other.rows.keySet());
    for (String name : names) {
      Map<String, String> here = rows.getOrDefault(name, Map.of());
      Map<String, String> there = other.rows.getOrDefault(name, Map.of());
      Set<String> columns = new LinkedHashSet<>(here.keySet());
      columns.addAll(there.keySet());
      for (String column : columns) {
        String a = here.getOrDefault(column, "(nothing)");
        String b = there.getOrDefault(column, "(nothing)");
        if (!a.equals(b)) {
          found.add(name + " / " + column + line(ours, a) + line(theirs, b));
        }
      }
    }
    return found;
  }

  private static String line(String side, String value) {
    return "\n    " + side + ": " + value.replace("\n", "; ");
  }

  /** Markdown; wide tables are cut into several under each other. */
  String markdown(String firstColumn) {
    Set<String> all = new LinkedHashSet<>();
    rows.values().forEach(row -> all.addAll(row.keySet()));
    List<String> columns = List.copyOf(all);
    StringBuilder text = new StringBuilder();
    for (int from = 0; from < columns.size(); from += COLUMNS_BESIDE_EACH_OTHER) {
      List<String> some =
          columns.subList(from, Math.min(columns.size(), from + COLUMNS_BESIDE_EACH_OTHER));
      text.append("\n| ").append(firstColumn).append(" | ").append(String.join(" | ", some));
      text.append(" |\n|---").append("|---".repeat(some.size())).append("|\n");
      rows.forEach(
          (name, row) -> {
            text.append("| ").append(escaped(name));
            some.forEach(c -> text.append(" | ").append(escaped(row.getOrDefault(c, ""))));
            text.append(" |\n");
          });
    }
    return text.toString();
  }

  private static String escaped(String cell) {
    return cell.replace("|", "\\|").replace("\n", "<br>");
  }
}
