package io.inmesh.config;

import io.inmesh.config.HeaderEdits.FormatValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A compiled substitution format as Envoy's access log and header operations use it: text with
 * {@code %COMMAND(argument):length%}; {@code %%} is a percent sign. A value that is missing is the
 * empty string. Immutable, thread-safe.
 */
@FunctionalInterface
interface Format {
  String format(FormatValues values);

  /**
   * @throws ConfigException a lonely percent sign, an unknown command, an argument missing or too
   *     much, a length that is no number
   */
  static Format compile(String text) {
    return compile(text, "");
  }

  /**
   * @param missing stands for a value that is not there: {@code -} in access logs
   */
  static Format compile(String text, String missing) {
    List<Format> parts = new ArrayList<>();
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        plain.append(c);
      } else if (text.startsWith("%", i + 1)) {
        plain.append('%');
        i++;
      } else {
        literal(parts, plain);
        int end = end(text, i + 1);
        parts.add(command(text.substring(i + 1, end), text, missing));
        i = end;
      }
    }
    literal(parts, plain);
    return switch (parts.size()) {
      case 0 -> values -> "";
      case 1 -> parts.get(0);
      default -> joined(List.copyOf(parts));
    };
  }

  private static Format joined(List<Format> parts) {
    return values -> {
      StringBuilder joined = new StringBuilder();
      for (int i = 0; i < parts.size(); i++) {
        joined.append(parts.get(i).format(values));
      }
      return joined.toString();
    };
  }

  private static void literal(List<Format> parts, StringBuilder plain) {
    if (!plain.isEmpty()) {
      String literal = plain.toString();
      parts.add(values -> literal);
      plain.setLength(0);
    }
  }

  /** The closing percent sign; those inside parentheses (START_TIME) do not close. */
  private static int end(String text, int from) {
    boolean inside = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(') {
        inside = true;
      } else if (c == ')') {
        inside = false;
      } else if (c == '%' && !inside) {
        return i;
      }
    }
    throw new ConfigException("", "% without an end (a percent sign is written %%): " + text);
  }

  private static Format command(String inner, String text, String missing) {
    int open = inner.indexOf('(');
    int close = inner.lastIndexOf(')');
    if (open < 0 != close < 0 || close < open) {
      throw new ConfigException("", "parentheses of %" + inner + "% in " + text);
    }
    String name = open < 0 ? inner : inner.substring(0, open);
    String after = open < 0 ? "" : inner.substring(close + 1);
    int colon = open < 0 ? inner.indexOf(':') : -1;
    if (colon >= 0) {
      after = inner.substring(colon);
      name = inner.substring(0, colon);
    }
    FormatCommand command = FormatCommand.find(name);
    if (command == null) {
      throw new ConfigException("", "unknown command %" + name + "% in " + text);
    }
    String argument = open < 0 ? null : inner.substring(open + 1, close);
    command.check(name, argument, text);
    int limit = limit(after, text);
    if (limit >= 0 && !command.limited()) {
      throw new ConfigException("", "%" + name + "% takes no length: " + text);
    }
    String word = name;
    if (!command.headerName() || argument == null) {
      return values -> cut(values.value(word, argument), limit, missing);
    }
    String lower = argument.toLowerCase(Locale.ROOT);
    int question = lower.indexOf('?');
    if (question < 0) {
      return values -> cut(values.value(word, lower), limit, missing);
    }
    String first = lower.substring(0, question);
    String second = lower.substring(question + 1);
    return values -> {
      String value = values.value(word, first);
      return cut(value == null ? values.value(word, second) : value, limit, missing);
    };
  }

  private static int limit(String after, String text) {
    if (after.isEmpty()) {
      return -1;
    }
    try {
      int limit = after.charAt(0) == ':' ? Integer.parseInt(after.substring(1)) : -1;
      if (limit >= 0) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    throw new ConfigException("", "length '" + after + "' in " + text);
  }

  private static String cut(@Nullable String value, int limit, String missing) {
    return value == null
        ? missing
        : limit < 0 || value.length() <= limit ? value : value.substring(0, limit);
  }
}
