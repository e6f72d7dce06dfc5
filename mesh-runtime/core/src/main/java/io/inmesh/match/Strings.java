package io.inmesh.match;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kinds of {@link StringMatcher}. Values: equal when they match by the same words. */
public final class Strings {
  /** Matches everything, the empty string too. */
  public static final StringMatcher ANY = new Any();

  private Strings() {}

  public static StringMatcher exact(String text, boolean ignoreCase) {
    return new Exact(text, ignoreCase);
  }

  public static StringMatcher prefix(String text, boolean ignoreCase) {
    return new Prefix(text, ignoreCase);
  }

  public static StringMatcher suffix(String text, boolean ignoreCase) {
    return new Suffix(text, ignoreCase);
  }

  public static StringMatcher contains(String text, boolean ignoreCase) {
    return new Contains(text, ignoreCase);
  }

  /** One of many exact texts, at the cost of one. */
  public static StringMatcher oneOf(Set<String> texts) {
    return new OneOf(Set.copyOf(texts));
  }

  /** The only texts that this matches, if they are known and case matters; else null. */
  public static @Nullable Set<String> exactTexts(StringMatcher matcher) {
    if (matcher instanceof OneOf oneOf) {
      return oneOf.texts;
    }
    return matcher instanceof Exact exact && !exact.ignoreCase ? Set.of(exact.text) : null;
  }

  /**
   * A DNS name against one of a certificate, whose first label may be {@code *} and then stands for
   * one label (RFC 6125 6.4.3).
   */
  public static StringMatcher dnsName(String name) {
    return new DnsName(name);
  }

  /**
   * What decides the same as the expression, without an expression where its shape allows: {@code
   * .*&#47;ns/shop/.*} only looks for text. These shapes stand in most policies.
   */
  public static StringMatcher simplest(Regex regex) {
    String rest = regex.expression();
    if (rest.equals(".+")) {
      return new OneLine(1, ANY);
    }
    boolean open = rest.startsWith(".*");
    rest = open ? rest.substring(2) : rest;
    boolean openEnd = rest.endsWith(".*");
    String text = literal(openEnd ? rest.substring(0, rest.length() - 2) : rest);
    if (text == null) {
      return regex;
    }
    if (!open && !openEnd) {
      return exact(text, false);
    }
    StringMatcher found =
        text.isEmpty()
            ? ANY
            : !open ? prefix(text, false) : openEnd ? contains(text, false) : suffix(text, false);
    return new OneLine(0, found);
  }

  /** The text that an expression without operators stands for; null if it has some. */
  private static @Nullable String literal(String expression) {
    StringBuilder text = new StringBuilder(expression.length());
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '\\' && expression.startsWith(".", i + 1)) {
        text.append('.');
        i++;
      } else if (c > ' ' && c < 127 && "\\.*+?()[]{}|^$".indexOf(c) < 0) {
        text.append(c);
      } else {
        return null;
      }
    }
    return text.toString();
  }

  private record Any() implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return true;
    }

    @Override
    public boolean matches(String text, int from, int to) {
      return true;
    }
  }

  private record Exact(String text, boolean ignoreCase) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return ignoreCase ? matches(value, 0, value.length()) : text.equals(value);
    }

    @Override
    public boolean matches(String value, int from, int to) {
      return to - from == text.length() && Ascii.regionMatches(ignoreCase, value, from, text);
    }
  }

  private record Prefix(String text, boolean ignoreCase) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return Ascii.regionMatches(ignoreCase, value, 0, text);
    }

    @Override
    public boolean matches(String value, int from, int to) {
      return to - from >= text.length() && Ascii.regionMatches(ignoreCase, value, from, text);
    }
  }

  private record Suffix(String text, boolean ignoreCase) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return matches(value, 0, value.length());
    }

    @Override
    public boolean matches(String value, int from, int to) {
      return to - from >= text.length()
          && Ascii.regionMatches(ignoreCase, value, to - text.length(), text);
    }
  }

  private record Contains(String text, boolean ignoreCase) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return ignoreCase ? matches(value, 0, value.length()) : value.contains(text);
    }

    @Override
    public boolean matches(String value, int from, int to) {
      for (int at = from; at <= to - text.length(); at++) {
        if (Ascii.regionMatches(ignoreCase, value, at, text)) {
          return true;
        }
      }
      return false;
    }
  }

  private record OneOf(Set<String> texts) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return texts.contains(value);
    }
  }

  /** A dot matches anything but a line feed. */
  private record OneLine(int atLeast, StringMatcher inner) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return value.length() >= atLeast && value.indexOf('\n') < 0 && inner.matches(value);
    }
  }

  private record DnsName(String name) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      int dot = name.indexOf('.');
      if (value.startsWith("*.") && dot > 0) {
        return value.length() - 1 == name.length() - dot
            && Ascii.regionMatches(true, value, 1, name.substring(dot));
      }
      return value.length() == name.length() && Ascii.regionMatches(true, value, 0, name);
    }
  }
}
