package io.inmesh.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lower-casing of header names without an allocation for the names that applications use most. */
public final class HeaderNames {
  private static final int SLOTS = 256;

  /** The bit between {@code A} and {@code a}. */
  private static final int CASE = 0x20;

  private static final Map<String, String> KNOWN = new HashMap<>();

  /** The known names by {@link #hash}, each in its slot or the next free one. */
  private static final @Nullable String[] TABLE = new String[SLOTS];

  static {
    for (String name :
        new String[] {
          "Accept",
          "Accept-Encoding",
          "Accept-Language",
          "Authorization",
          "Cache-Control",
          "Connection",
          "Content-Encoding",
          "Content-Length",
          "Content-Type",
          "Cookie",
          "Date",
          "ETag",
          "Expect",
          "Host",
          "If-Match",
          "If-Modified-Since",
          "If-None-Match",
          "Keep-Alive",
          "Last-Modified",
          "Location",
          "Origin",
          "Pragma",
          "Range",
          "Referer",
          "Retry-After",
          "Server",
          "Set-Cookie",
          "TE",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade",
          "User-Agent",
          "Vary",
          "Via",
          "WWW-Authenticate",
          "X-Forwarded-Client-Cert",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Proto",
          "X-Request-Id",
          "x-envoy-attempt-count",
          "x-envoy-decorator-operation",
          "x-envoy-expected-rq-timeout-ms",
          "x-envoy-peer-metadata",
          "x-envoy-peer-metadata-id",
          "x-envoy-upstream-service-time",
          "traceparent",
          "tracestate",
          "baggage",
          "b3",
          "x-b3-traceid",
          "x-b3-spanid",
          "x-b3-parentspanid",
          "x-b3-sampled"
        }) {
      String lower = name.toLowerCase(Locale.ROOT);
      KNOWN.put(name, lower);
      KNOWN.put(lower, lower);
      int at = hash(lower) & SLOTS - 1;
      while (TABLE[at] != null) {
        at = at + 1 & SLOTS - 1;
      }
      TABLE[at] = lower;
    }
  }

  private HeaderNames() {}

  /**
   * The name in lower case; the same object if it is so already. Only ASCII letters are changed.
   */
  public static String lower(String name) {
    String known = KNOWN.get(name);
    if (known != null) {
      return known;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return name;
  }

  /** The same of bytes (ISO-8859-1), which become a string only where they are no known name. */
  public static String lower(byte[] bytes, int from, int length) {
    int hash = 0;
    for (int i = from; i < from + length; i++) {
      hash = 31 * hash + (bytes[i] | CASE);
    }
    for (int at = hash & SLOTS - 1; ; at = at + 1 & SLOTS - 1) {
      String known = TABLE[at];
      if (known == null) {
        return lower(new String(bytes, from, length, StandardCharsets.ISO_8859_1));
      }
      if (same(known, bytes, from, length)) {
        return known;
      }
    }
  }

  private static boolean same(String lower, byte[] bytes, int from, int length) {
    if (lower.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      byte b = bytes[from + i];
      if (lower.charAt(i) != (b >= 'A' && b <= 'Z' ? b + CASE : b)) {
        return false;
      }
    }
    return true;
  }

  /** Whatever the case of its letters. */
  private static int hash(String name) {
    int hash = 0;
    for (int i = 0; i < name.length(); i++) {
      hash = 31 * hash + (name.charAt(i) | CASE);
    }
    return hash;
  }
}
