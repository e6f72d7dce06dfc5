package io.inmesh.ledger;

import io.inmesh.ledger.Schema.EnumValue;
import io.inmesh.ledger.Schema.Field;
import io.inmesh.ledger.Schema.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what a walk meets: each thing once, with its first place and its count. */
final class Tally {
  private static final int MAX_ENTRIES = 2_000; // hostile bytes can name any number of fields
  private static final int MAX_TEXT = 200;

  private static final class Entry {
    final String name;
    final @Nullable SupportState state; // null: unknown
    final String where;
    final String reason;
    final boolean nested; // below something that is "not yet" itself
    int count;

    Entry(String name, @Nullable SupportState state, String where, String reason, boolean nested) {
      this.name = name;
      this.state = state;
      this.where = where;
      this.reason = reason;
      this.nested = nested;
    }
  }

  private final Map<Object, Entry> entries = new LinkedHashMap<>();
  private final Deque<Field> path = new ArrayDeque<>();
  private int notYetAbove;
  private boolean complete = true;

  void enter(Field field) {
    path.addLast(field);
    if (state(field.row) == SupportState.NOT_YET) {
      notYetAbove++;
    }
  }

  void leave() {
    if (state(path.removeLast().row) == SupportState.NOT_YET) {
      notYetAbove--;
    }
  }

  void met(Field field) {
    count(field, field.path(), field.row);
  }

  /** A value counts apart from its field only if the ledger has a row for it. */
  void met(EnumValue value) {
    if (value.row() != null) {
      count(value, value.path(), value.row());
    }
  }

  void met(Message message) {
    count(message, message.name, message.row);
  }

  void unknown(String name, String reason) {
    Entry e = entries.get(name);
    if (e == null && (e = open(name, clean(name), null, reason)) == null) {
      return;
    }
    e.count++;
  }

  /** The walk ends here. */
  void broken(String name, String reason) {
    unknown(name, reason);
    complete = false;
  }

  private void count(Object key, String name, @Nullable LedgerRow row) {
    Entry e = entries.get(key);
    if (e == null) {
      SupportState state = state(row);
      e = open(key, name, state, row == null ? "the ledger has no row for it" : row.note());
      if (e == null) {
        return;
      }
    }
    e.count++;
  }

  private @Nullable Entry open(
      Object key, String name, @Nullable SupportState state, String reason) {
    if (entries.size() >= MAX_ENTRIES) {
      complete = false;
      return null;
    }
    boolean worthAPlace = state != SupportState.ENFORCED && state != SupportState.HARMLESS;
    Entry e = new Entry(name, state, worthAPlace ? place() : "", reason, notYetAbove > 0);
    entries.put(key, e);
    return e;
  }

  private String place() {
    StringBuilder s = new StringBuilder();
    for (Field f : path) {
      if (!f.owner.mapEntry) {
        s.append(s.isEmpty() ? "" : ".").append(f.name);
      }
    }
    return s.toString();
  }

  private static SupportState state(@Nullable LedgerRow row) {
    return row == null ? SupportState.NOT_YET : row.state();
  }

  /** Names in hostile bytes end in logs: no control characters, no novels. */
  private static String clean(String text) {
    String cut = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "..." : text;
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }

  LedgerReport report(String typeUrl, String resource) {
    Map<SupportState, Integer> counts = new EnumMap<>(SupportState.class);
    for (SupportState s : SupportState.values()) {
      counts.put(s, 0);
    }
    for (Entry e : entries.values()) {
      if (e.state != null) {
        counts.merge(e.state, 1, Integer::sum);
      }
    }
    return new LedgerReport(
        clean(typeUrl),
        clean(resource),
        Map.copyOf(counts),
        findings(SupportState.NOT_YET),
        findings(SupportState.REFUSED),
        findings(null),
        complete);
  }

  private List<LedgerFinding> findings(@Nullable SupportState state) {
    List<LedgerFinding> list = new ArrayList<>();
    for (Entry e : entries.values()) {
      if (e.state == state && !(e.nested && state == SupportState.NOT_YET)) {
        list.add(new LedgerFinding(e.name, e.where, e.count, e.reason));
      }
    }
    return List.copyOf(list);
  }

  /** The names of all fields met, whatever their state. */
  List<String> fields() {
    return entries.keySet().stream()
        .filter(Field.class::isInstance)
        .map(f -> ((Field) f).path())
        .toList();
  }
}
