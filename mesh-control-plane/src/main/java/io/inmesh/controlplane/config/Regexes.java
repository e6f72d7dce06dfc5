package io.inmesh.controlplane.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * Regular expressions are RE2, as Envoy runs them; a wrong one is found here and not by every
 * client.
 */
final class Regexes {
  private Regexes() {}

  static String check(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    try {
      Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw value.refused(
          "\"" + text + "\" is not an RE2 regular expression: " + e.getDescription());
    }
    return text;
  }
}
