package io.inmesh.ledger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows, and which of them decides. */
final class LedgerTable {
  private final Map<String, LedgerRow> rows;

  private LedgerTable(Map<String, LedgerRow> rows) {
    this.rows = rows;
  }

  /** Lines of {@code pattern TAB state TAB note}; empty lines and those with # do not count. */
  static LedgerTable parse(List<String> lines) {
    Map<String, LedgerRow> rows = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] columns = line.split("\t", -1);
      if (columns.length != 3 || columns[2].isBlank()) {
        throw new IllegalArgumentException(
            "ledger line " + (i + 1) + ": want 'pattern TAB state TAB note': " + line);
      }
      LedgerRow row = new LedgerRow(columns[0], SupportState.of(columns[1]), columns[2]);
      if (rows.put(row.pattern(), row) != null) {
        throw new IllegalArgumentException("ledger line " + (i + 1) + ": a second row: " + line);
      }
    }
    return new LedgerTable(rows);
  }

  List<LedgerRow> rows() {
    return List.copyOf(rows.values());
  }

  @Nullable LedgerRow forField(String message, String field) {
    LedgerRow exact = rows.get(message + "." + field);
    return exact != null ? exact : subtree(message);
  }

  /** A value's own row, or null: then the field's row decides. */
  @Nullable LedgerRow forEnumValue(String message, String field, String value) {
    return rows.get(message + "." + field + "=" + value);
  }

  @Nullable LedgerRow forMessage(String message) {
    LedgerRow exact = rows.get(message);
    return exact != null ? exact : subtree(message);
  }

  private @Nullable LedgerRow subtree(String message) {
    for (String s = message; !s.isEmpty(); s = parent(s)) {
      LedgerRow row = rows.get(s + ".*");
      if (row != null) {
        return row;
      }
    }
    return null;
  }

  private static String parent(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }
}
