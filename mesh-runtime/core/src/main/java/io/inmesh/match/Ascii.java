package io.inmesh.match;

import java.util.Locale;

/**
 * Comparison that folds the 26 ASCII letters and nothing else, as Envoy does. {@code
 * String.equalsIgnoreCase} would let the Kelvin sign pass for a {@code k}.
 */
final class Ascii {
  private Ascii() {}

  static boolean regionMatches(boolean ignoreCase, String text, int at, String part) {
    if (!ignoreCase) {
      return text.startsWith(part, at);
    }
    if (at < 0 || at > text.length() - part.length()) {
      return false;
    }
    for (int i = 0; i < part.length(); i++) {
      if (lower(text.charAt(at + i)) != lower(part.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
  }

  /** Lower case of ASCII letters; never depends on the default locale. */
  static String lower(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 'A' && text.charAt(i) <= 'Z') {
        return isAscii(text) ? text.toLowerCase(Locale.ROOT) : lowerEach(text);
      }
    }
    return text;
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  private static String lowerEach(String text) {
    StringBuilder lowered = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      lowered.append(lower(text.charAt(i)));
    }
    return lowered.toString();
  }
}
