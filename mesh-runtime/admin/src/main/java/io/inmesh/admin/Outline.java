package io.inmesh.admin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps and lists as indented lines, for people. */
final class Outline {
  private Outline() {}

  static String of(Map<?, ?> tree) {
    StringBuilder text = new StringBuilder();
    map(text, tree, "");
    return text.toString();
  }

  private static void map(StringBuilder text, Map<?, ?> map, String indent) {
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      text.append(indent).append(String.valueOf(entry.getKey()).replace('_', ' ')).append(':');
      value(text, entry.getValue(), indent);
    }
  }

  private static void value(StringBuilder text, @Nullable Object value, String indent) {
    if (value instanceof Map<?, ?> map) {
      text.append('\n');
      map(text, map, indent + "  ");
    } else if (value instanceof List<?> list) {
      text.append(list.isEmpty() ? " none\n" : "\n");
      for (Object element : list) {
        element(text, element, indent + "  ");
      }
    } else {
      text.append(' ').append(value).append('\n');
    }
  }

  /** The first entry of a map stands behind the dash, the others below it. */
  private static void element(StringBuilder text, @Nullable Object element, String indent) {
    if (!(element instanceof Map<?, ?> map)) {
      text.append(indent).append("- ").append(element).append('\n');
      return;
    }
    StringBuilder inner = new StringBuilder();
    map(inner, map, indent + "  ");
    text.append(indent).append("- ").append(inner.substring(indent.length() + 2));
  }
}
