package io.inmesh.match;

import org.jspecify.annotations.Nullable;

/**
 * {@code normalize_path} as Envoy and the URL library in it do it: dot segments, {@code %2e}
 * included, are resolved; backslashes are slashes; escapes of unreserved characters are decoded,
 * all others kept as written; a dot segment may carry parameters ({@code /..;x/}), as Tomcat would
 * read it.
 */
final class DotSegments {
  private static final String HEX = "0123456789ABCDEF";

  private DotSegments() {}

  /** Null when the path holds an escaped NUL. */
  static @Nullable String resolve(String path) {
    String text = once(withoutDotParameters(path));
    // each round makes the path shorter
    while (text != null && (text.contains("/.;") || text.contains("/..;"))) {
      text = once(withoutDotParameters(text));
    }
    return text;
  }

  private static @Nullable String once(String text) {
    StringBuilder out = new StringBuilder(text.length() + 8);
    int lonely = -1; // where in the output the last percent sign that begins no escape stands
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int dot = dot(text, i);
      if (dot > 0) {
        int next = i + dot;
        boolean begins = out.charAt(out.length() - 1) == '/';
        int second = begins && next < text.length() ? dot(text, next) : 0;
        if (begins && ends(text, next)) {
          i = next;
        } else if (second > 0 && ends(text, next + second)) {
          up(out);
          lonely = lonely < out.length() ? lonely : -1;
          i = next + second;
        } else {
          out.append('.');
          i = next - 1;
        }
      } else if (c == '\\') {
        out.append('/');
      } else if (c == '%') {
        int value = PathNormalizer.escape(text, i);
        if (value == 0) {
          return null;
        }
        if (unreserved(value)) {
          out.append((char) value);
          i += 2;
          keepLonely(text, i + 1, lonely, out);
        } else {
          lonely = value < 0 ? out.length() : lonely;
          out.append('%');
        }
      } else if (PathNormalizer.encoded(c)) {
        out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /**
   * What was just decoded must not make an escape of an earlier lonely percent sign ({@code %%32e}
   * is not {@code %2e}, which somebody behind us would decode again): that sign becomes {@code
   * %25}.
   *
   * @param next where the text goes on
   */
  private static void keepLonely(String text, int next, int lonely, StringBuilder out) {
    int behind = lonely < 0 ? -1 : out.length() - lonely;
    boolean escape =
        behind == 3
            ? PathNormalizer.escape(out, lonely) >= 0
            : behind == 2
                && next < text.length()
                && PathNormalizer.hex(out.charAt(lonely + 1)) >= 0
                && PathNormalizer.hex(text.charAt(next)) >= 0;
    if (escape) {
      out.insert(lonely + 1, "25");
    }
  }

  /** {@code /..;x/} is {@code /../}: only for dots written as dots, as in Envoy. */
  private static String withoutDotParameters(String path) {
    if (!path.contains(".;")) {
      return path;
    }
    StringBuilder out = new StringBuilder(path.length());
    int at = 0;
    while (at < path.length()) {
      int end = path.indexOf('/', at);
      end = end < 0 ? path.length() : end;
      if (path.startsWith(".;", at)) {
        out.append('.');
      } else if (path.startsWith("..;", at)) {
        out.append("..");
      } else {
        out.append(path, at, end);
      }
      if (end < path.length()) {
        out.append('/');
      }
      at = end + 1;
    }
    return out.toString();
  }

  /** How many characters a dot has here: 1, 3 as {@code %2e}, or 0 if there is none. */
  private static int dot(String text, int at) {
    if (text.charAt(at) == '.') {
      return 1;
    }
    return text.charAt(at) == '%' && PathNormalizer.escape(text, at) == '.' ? 3 : 0;
  }

  private static boolean ends(String text, int at) {
    return at >= text.length() || text.charAt(at) == '/' || text.charAt(at) == '\\';
  }

  /** Drops the last segment, an empty one too; the root stays. */
  private static void up(StringBuilder out) {
    int slash = out.length() - 1;
    if (slash > 0) {
      out.setLength(out.lastIndexOf("/", slash - 1) + 1);
    }
  }

  private static boolean unreserved(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }
}
