package io.inmesh.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Lower-casing of header names without an allocation for the names that applications use most. */
public final class HeaderNames {
  private static final Map<String, String> KNOWN = new HashMap<>();

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
          "X-Forwarded-For",
          "X-Forwarded-Proto",
          "X-Request-Id"
        }) {
      String lower = name.toLowerCase(Locale.ROOT);
      KNOWN.put(name, lower);
      KNOWN.put(lower, lower);
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
}
