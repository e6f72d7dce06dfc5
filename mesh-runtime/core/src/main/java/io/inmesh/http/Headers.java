package io.inmesh.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An ordered list of header fields, names in lower case as Envoy keeps them. Mutable and not
 * thread-safe: owned by one call at a time. Flat array, because a head is copied for each call and
 * the request path counts its allocations.
 */
public final class Headers {
  private static final String[] NONE = new String[0];

  private String[] fields;
  private int length;

  public Headers() {
    this.fields = NONE;
  }

  /** An empty list with room for {@code fields} header fields. */
  public Headers(int fields) {
    this.fields = fields == 0 ? NONE : new String[fields * 2];
  }

  /** Names and values in turn: {@code of("x-a", "1", "x-b", "2")}. Names are lowered. */
  public static Headers of(String... namesAndValues) {
    Headers headers = new Headers(namesAndValues.length / 2);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return headers;
  }

  public int size() {
    return length / 2;
  }

  public String name(int index) {
    return fields[index * 2];
  }

  public String value(int index) {
    return fields[index * 2 + 1];
  }

  /** The value of the first field of that (lower-case) name. */
  public @Nullable String first(String name) {
    for (int i = 0; i < length; i += 2) {
      if (fields[i].equals(name)) {
        return fields[i + 1];
      }
    }
    return null;
  }

  public boolean contains(String name) {
    return first(name) != null;
  }

  /**
   * All values of that name joined by a comma without a space, as Envoy matches repeated headers;
   * null when there is none.
   */
  public @Nullable String joined(String name) {
    String found = null;
    for (int i = 0; i < length; i += 2) {
      if (fields[i].equals(name)) {
        found = found == null ? fields[i + 1] : found + "," + fields[i + 1];
      }
    }
    return found;
  }

  public List<String> all(String name) {
    List<String> values = new ArrayList<>(2);
    for (int i = 0; i < length; i += 2) {
      if (fields[i].equals(name)) {
        values.add(fields[i + 1]);
      }
    }
    return values;
  }

  public Headers add(String name, String value) {
    if (length + 2 > fields.length) {
      fields = Arrays.copyOf(fields, Math.max(16, fields.length * 2));
    }
    fields[length] = HeaderNames.lower(name);
    fields[length + 1] = value;
    length += 2;
    return this;
  }

  /**
   * Replaces every field of that name by one, at the place of the first; added at the end if there
   * was none.
   */
  public Headers set(String name, String value) {
    String lower = HeaderNames.lower(name);
    boolean placed = false;
    int to = 0;
    for (int i = 0; i < length; i += 2) {
      if (fields[i].equals(lower)) {
        if (placed) {
          continue;
        }
        placed = true;
        fields[i + 1] = value;
      }
      fields[to] = fields[i];
      fields[to + 1] = fields[i + 1];
      to += 2;
    }
    truncate(to);
    return placed ? this : add(lower, value);
  }

  /** True if a field of that (lower-case) name was there. */
  public boolean remove(String name) {
    int to = 0;
    for (int i = 0; i < length; i += 2) {
      if (!fields[i].equals(name)) {
        if (to != i) {
          fields[to] = fields[i];
          fields[to + 1] = fields[i + 1];
        }
        to += 2;
      }
    }
    boolean removed = to != length;
    truncate(to);
    return removed;
  }

  /** Removes every field with one of those (lower-case) names. */
  public void removeAll(Set<String> names) {
    int to = 0;
    for (int i = 0; i < length; i += 2) {
      if (!names.contains(fields[i])) {
        if (to != i) {
          fields[to] = fields[i];
          fields[to + 1] = fields[i + 1];
        }
        to += 2;
      }
    }
    truncate(to);
  }

  /** Removes every field whose name starts with the prefix. */
  public void removePrefix(String prefix) {
    int to = 0;
    for (int i = 0; i < length; i += 2) {
      if (!fields[i].startsWith(prefix)) {
        fields[to] = fields[i];
        fields[to + 1] = fields[i + 1];
        to += 2;
      }
    }
    truncate(to);
  }

  public Headers copy() {
    Headers copy = new Headers();
    copy.fields = Arrays.copyOf(fields, Math.max(length, 2));
    copy.length = length;
    return copy;
  }

  private void truncate(int to) {
    Arrays.fill(fields, to, length, null);
    length = to;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Headers that
        && Arrays.equals(fields, 0, length, that.fields, 0, that.length);
  }

  @Override
  public int hashCode() {
    return Arrays.asList(fields).subList(0, length).hashCode();
  }

  /** Names only: values may be secrets. */
  @Override
  public String toString() {
    StringBuilder names = new StringBuilder("[");
    for (int i = 0; i < length; i += 2) {
      names.append(i == 0 ? "" : ", ").append(fields[i]);
    }
    return names.append(']').toString();
  }
}
