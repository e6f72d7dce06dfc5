package io.inmesh.http;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON of maps, lists, text, numbers and booleans, indented as Envoy's admin writes it. */
public final class JsonText {
  private JsonText() {}

  public static String of(@Nullable Object tree) {
    StringBuilder text = new StringBuilder(4096);
    write(text, tree, 0);
    return text.append('\n').toString();
  }

  private static void write(StringBuilder text, @Nullable Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      int left = map.size();
      text.append('{');
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        line(text, depth + 1);
        quoted(text, String.valueOf(entry.getKey()));
        text.append(": ");
        write(text, entry.getValue(), depth + 1);
        text.append(--left > 0 ? "," : "");
      }
      close(text, map.isEmpty(), depth, '}');
    } else if (value instanceof List<?> list) {
      int left = list.size();
      text.append('[');
      for (Object element : list) {
        line(text, depth + 1);
        write(text, element, depth + 1);
        text.append(--left > 0 ? "," : "");
      }
      close(text, list.isEmpty(), depth, ']');
    } else if (value instanceof Double number) {
      text.append(
          number == Math.rint(number) && Math.abs(number) < 1e15
              ? Long.toString(number.longValue())
              : number.toString());
    } else if (value == null || value instanceof Number || value instanceof Boolean) {
      text.append(value);
    } else {
      quoted(text, value.toString());
    }
  }

  private static void close(StringBuilder text, boolean empty, int depth, char end) {
    if (!empty) {
      line(text, depth);
    }
    text.append(end);
  }

  private static void line(StringBuilder text, int depth) {
    text.append('\n').append(" ".repeat(depth));
  }

  /** A string of JSON. */
  public static void quoted(StringBuilder out, String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
