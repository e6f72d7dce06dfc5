package io.inmesh.match;

import com.google.re2j.Matcher;

/**
 * A compiled {@code RegexMatchAndSubstitute}: replaces every match, {@code \0} to {@code \9} being
 * the groups, as RE2 writes them. Immutable, thread-safe.
 */
public final class RegexSubstitution {
  private final Regex regex;
  private final String substitution;

  private RegexSubstitution(Regex regex, String substitution) {
    this.regex = regex;
    this.substitution = substitution;
  }

  /**
   * @throws IllegalArgumentException a backslash before something else than a digit or a backslash,
   *     or a group that the expression does not have
   */
  public static RegexSubstitution of(Regex regex, String substitution) {
    int groups = regex.pattern().groupCount();
    for (int i = 0; i < substitution.length(); i++) {
      if (substitution.charAt(i) != '\\') {
        continue;
      }
      char next = ++i < substitution.length() ? substitution.charAt(i) : 0;
      if (next != '\\' && (next < '0' || next > '9')) {
        throw new IllegalArgumentException(
            "a backslash must stand before a digit or a backslash: " + substitution);
      }
      if (next != '\\' && next - '0' > groups) {
        throw new IllegalArgumentException(
            "group " + next + " of an expression with " + groups + ": " + substitution);
      }
    }
    return new RegexSubstitution(regex, substitution);
  }

  /** The text with every match replaced; the same object when nothing matched. */
  public String apply(String text) {
    Matcher matcher = regex.pattern().matcher(text);
    if (!matcher.find()) {
      return text;
    }
    StringBuilder replaced = new StringBuilder(text.length() + substitution.length());
    int from = 0;
    do {
      replaced.append(text, from, matcher.start());
      append(replaced, matcher);
      from = matcher.end();
    } while (matcher.find());
    return replaced.append(text, from, text.length()).toString();
  }

  private void append(StringBuilder to, Matcher matcher) {
    for (int i = 0; i < substitution.length(); i++) {
      char c = substitution.charAt(i);
      if (c != '\\') {
        to.append(c);
        continue;
      }
      char next = substitution.charAt(++i);
      if (next == '\\') {
        to.append('\\');
      } else {
        String group = matcher.group(next - '0');
        to.append(group == null ? "" : group);
      }
    }
  }
}
