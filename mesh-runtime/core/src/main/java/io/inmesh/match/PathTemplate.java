package io.inmesh.match;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A compiled {@code UriTemplateMatchConfig.path_template}: segments of text, {@code *} (one
 * segment, not empty), {@code **} (any number of characters, none and slashes included), variables
 * {@code {name}} and {@code {name=pattern}}, and a suffix after the last glob. As nothing but text
 * may follow {@code **}, it is judged in one pass without backtracking.
 */
final class PathTemplate implements StringMatcher {
  private static final int MAX_VARIABLES = 5;
  private static final int MAX_VARIABLE_NAME = 16;
  private static final String GLOB = "*";
  private static final String DEEP_GLOB = "**";

  private final String template;

  /** Segments before {@code **}: text, or {@link #GLOB}. */
  private final List<String> head;

  private final boolean deep;

  /** What follows {@code **}, slashes included; else the suffix of the last segment. */
  private final String tail;

  private PathTemplate(String template, List<String> head, boolean deep, String tail) {
    this.template = template;
    this.head = List.copyOf(head);
    this.deep = deep;
    this.tail = tail;
  }

  static PathTemplate parse(String template) {
    if (!template.startsWith("/") || !template.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw wrong(template, "must begin with / and have printable ASCII only");
    }
    List<String> segments = new ArrayList<>();
    Set<String> variables = new HashSet<>();
    String rest = template.substring(1);
    String suffix = "";
    while (!rest.isEmpty()) {
      int used;
      if (rest.startsWith(DEEP_GLOB)) {
        segments.add(DEEP_GLOB);
        used = 2;
      } else if (rest.startsWith(GLOB)) {
        segments.add(GLOB);
        used = 1;
      } else if (rest.startsWith("{")) {
        used = variable(template, rest, segments, variables);
      } else {
        used = textEnd(rest);
        segments.add(text(template, rest.substring(0, used)));
      }
      rest = rest.substring(used);
      if (rest.equals("/")) {
        segments.add("");
        break;
      }
      if (!rest.isEmpty() && rest.charAt(0) != '/') {
        suffix = text(template, rest);
        break;
      }
      rest = rest.isEmpty() ? rest : rest.substring(1);
    }
    return build(template, segments, suffix);
  }

  private static PathTemplate build(String template, List<String> segments, String suffix) {
    int at = segments.indexOf(DEEP_GLOB);
    if (at < 0) {
      return new PathTemplate(template, segments, false, suffix);
    }
    StringBuilder tail = new StringBuilder();
    for (String after : segments.subList(at + 1, segments.size())) {
      if (after.equals(GLOB) || after.equals(DEEP_GLOB)) {
        throw wrong(template, "no glob may follow **");
      }
      tail.append('/').append(after);
    }
    return new PathTemplate(
        template, segments.subList(0, at), true, tail.append(suffix).toString());
  }

  private static int variable(
      String template, String rest, List<String> segments, Set<String> variables) {
    int close = rest.indexOf('}');
    if (close < 0) {
      throw wrong(template, "{ without }");
    }
    String inside = rest.substring(1, close);
    int equals = inside.indexOf('=');
    String name = equals < 0 ? inside : inside.substring(0, equals);
    if (!name.matches("[a-zA-Z][a-zA-Z0-9_]*") || name.length() > MAX_VARIABLE_NAME) {
      throw wrong(template, "variable name '" + name + "': a letter, then letters, digits, _; 16");
    }
    if (!variables.add(name) || variables.size() > MAX_VARIABLES) {
      throw wrong(template, "at most " + MAX_VARIABLES + " variables, each once");
    }
    if (equals < 0) {
      segments.add(GLOB);
      return close + 1;
    }
    for (String part : inside.substring(equals + 1).split("/", -1)) {
      segments.add(part.equals(GLOB) || part.equals(DEEP_GLOB) ? part : text(template, part));
    }
    return close + 1;
  }

  private static int textEnd(String rest) {
    int slash = rest.indexOf('/');
    return slash < 0 ? rest.length() : slash;
  }

  private static String text(String template, String text) {
    if (text.isEmpty() || !text.chars().allMatch(PathTemplate::literal)) {
      throw wrong(template, "'" + text + "' is not a literal");
    }
    return text;
  }

  private static IllegalArgumentException wrong(String template, String why) {
    return new IllegalArgumentException("path template " + template + ": " + why);
  }

  /** The characters Envoy takes for text and lets a glob stand for. */
  private static boolean literal(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "-._~%!$&'()+,;:@".indexOf(c) >= 0;
  }

  @Override
  public boolean matches(String path) {
    return matches(path, 0, path.length());
  }

  @Override
  public boolean matches(String path, int from, int to) {
    int at = from;
    for (int i = 0; i < head.size(); i++) {
      String segment = head.get(i);
      if (at >= to || path.charAt(at) != '/') {
        return false;
      }
      int end = ++at;
      while (end < to && path.charAt(end) != '/') {
        end++;
      }
      boolean last = !deep && i == head.size() - 1;
      int textEnd = last ? end - tail.length() : end;
      if (last && (textEnd < at || !path.startsWith(tail, textEnd))) {
        return false;
      }
      boolean fits =
          segment.equals(GLOB)
              ? textEnd > at && globbed(path, at, textEnd, false)
              : textEnd - at == segment.length() && path.startsWith(segment, at);
      if (!fits) {
        return false;
      }
      at = end;
    }
    if (!deep) {
      return head.isEmpty() ? to - from == 1 && path.charAt(from) == '/' : at == to;
    }
    int textEnd = to - tail.length();
    return at < to
        && path.charAt(at) == '/'
        && textEnd > at
        && path.startsWith(tail, textEnd)
        && globbed(path, at + 1, textEnd, true);
  }

  private static boolean globbed(String path, int from, int to, boolean slashes) {
    for (int i = from; i < to; i++) {
      char c = path.charAt(i);
      if (!(c == '/' ? slashes : c == '*' || c == '=' || literal(c))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return "PathTemplate[" + template + "]";
  }
}
