package io.inmesh.match;

import org.jspecify.annotations.Nullable;

/**
 * What Envoy's connection manager does to a path before anything looks at it ({@code
 * normalize_path}, {@code merge_slashes}, {@code path_with_escaped_slashes_action}), as measured on
 * Envoy 1.40. Policies, routes and the application must all see the result. Stateless.
 */
public final class PathNormalizer {

  /** {@code PathWithEscapedSlashesAction}: what becomes of {@code %2f} and {@code %5c}. */
  public enum EscapedSlashes {
    KEEP,
    REJECT,
    REDIRECT,
    FORWARD
  }

  private static final PathNormalizer[] ALL = new PathNormalizer[16];

  static {
    for (int i = 0; i < ALL.length; i++) {
      ALL[i] = new PathNormalizer((i & 1) != 0, (i & 2) != 0, EscapedSlashes.values()[i >> 2]);
    }
  }

  private final boolean dots;
  private final boolean mergeSlashes;
  private final EscapedSlashes escaped;

  private PathNormalizer(boolean dots, boolean mergeSlashes, EscapedSlashes escaped) {
    this.dots = dots;
    this.mergeSlashes = mergeSlashes;
    this.escaped = escaped;
  }

  /** One of sixteen shared instances. */
  public static PathNormalizer of(
      boolean normalizePath, boolean mergeSlashes, EscapedSlashes escaped) {
    return ALL[(normalizePath ? 1 : 0) | (mergeSlashes ? 2 : 0) | escaped.ordinal() << 2];
  }

  /**
   * The path as everybody is to see it: the same object if nothing changes; null if the request has
   * to be answered with 400 (a fragment, a byte that no URI has, an escaped NUL or slash where
   * configured, a relative path). The query is never changed.
   *
   * @param path with query; empty only for CONNECT, {@code *} only for OPTIONS
   */
  public @Nullable String normalize(String method, String path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      boolean allowed =
          path.isEmpty() ? method.equals("CONNECT") : path.equals("*") && method.equals("OPTIONS");
      return allowed ? path : null;
    }
    int end = path.length();
    boolean plain = true;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c >= 127 || c == '#') {
        return null;
      }
      if (c == '?' && end == path.length()) {
        end = i;
      }
      if (end == path.length()) {
        plain &= c == '/' ? !suspicious(path, i + 1) : kept(c);
      }
    }
    return plain ? path : rewrite(path, end);
  }

  /** True when the answer is a redirect (307) to the normalized path. */
  public boolean redirects(String path) {
    return escaped == EscapedSlashes.REDIRECT && unescapeSlashes(upToQuery(path)) != null;
  }

  private static String upToQuery(String path) {
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  /** After a slash: another one, or a dot. */
  private static boolean suspicious(String path, int next) {
    return next < path.length() && (path.charAt(next) == '/' || path.charAt(next) == '.');
  }

  /** Characters that stay what they are wherever they stand. */
  private static boolean kept(char c) {
    return c != '%' && c != '\\' && !encoded(c);
  }

  private @Nullable String rewrite(String path, int end) {
    String text = path.substring(0, end);
    if (escaped != EscapedSlashes.KEEP) {
      String unescaped = unescapeSlashes(text);
      if (unescaped != null) {
        if (escaped == EscapedSlashes.REJECT) {
          return null;
        }
        text = unescaped;
      }
    }
    if (dots) {
      text = DotSegments.resolve(text);
      if (text == null) {
        return null;
      }
    }
    if (mergeSlashes) {
      text = merge(text);
    }
    return path.startsWith(text) && text.length() == end ? path : text + path.substring(end);
  }

  /** Null when there is none. */
  private static @Nullable String unescapeSlashes(String text) {
    StringBuilder unescaped = null;
    for (int i = 0; i < text.length(); i++) {
      int value = text.charAt(i) == '%' ? escape(text, i) : -1;
      boolean slash = value == '/' || value == '\\';
      if (slash && unescaped == null) {
        unescaped = new StringBuilder(text.length()).append(text, 0, i);
      }
      if (unescaped != null) {
        unescaped.append(slash ? (char) value : text.charAt(i));
      }
      i += slash ? 2 : 0;
    }
    return unescaped == null ? null : unescaped.toString();
  }

  /** Runs of slashes become one; a path of slashes only becomes two, as in Envoy. */
  private static String merge(String text) {
    if (!text.contains("//")) {
      return text;
    }
    StringBuilder merged = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '/' || merged.isEmpty() || merged.charAt(merged.length() - 1) != '/') {
        merged.append(c);
      }
    }
    return merged.length() == 1 ? "//" : merged.toString();
  }

  /** The value of the escape at a percent sign, or -1 where it is none. */
  static int escape(CharSequence text, int at) {
    if (at + 2 >= text.length()) {
      return -1;
    }
    int high = hex(text.charAt(at + 1));
    int low = hex(text.charAt(at + 2));
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  static int hex(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    char lower = Ascii.lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** Characters that come out percent-encoded. */
  static boolean encoded(char c) {
    return c == '"' || c == '<' || c == '>' || c == '^' || c == '`' || c == '{' || c == '|'
        || c == '}';
  }
}
