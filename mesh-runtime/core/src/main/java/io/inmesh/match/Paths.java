package io.inmesh.match;

/** Matchers that only paths need; all take the path without query and fragment. */
public final class Paths {
  private Paths() {}

  /**
   * {@code path_separated_prefix}: {@code /api} matches {@code /api} and {@code /api/x}, not {@code
   * /apix}.
   */
  public static StringMatcher separatedPrefix(String prefix, boolean ignoreCase) {
    return new SeparatedPrefix(prefix, ignoreCase);
  }

  /**
   * {@code envoy.path.match.uri_template}.
   *
   * @throws IllegalArgumentException not a template
   */
  public static StringMatcher template(String template) {
    return PathTemplate.parse(template);
  }

  private record SeparatedPrefix(String prefix, boolean ignoreCase) implements StringMatcher {
    @Override
    public boolean matches(String value) {
      return matches(value, 0, value.length());
    }

    @Override
    public boolean matches(String text, int from, int to) {
      int end = from + prefix.length();
      return end <= to
          && (end == to || text.charAt(end) == '/')
          && Ascii.regionMatches(ignoreCase, text, from, prefix);
    }
  }
}
