package io.inmesh.differential;

import java.util.ArrayList;
import java.util.List;

/**
 * What differs on purpose, as docs/deviations.md names it. Each is looked for: one that occurs no
 * longer fails the test.
 */
final class Deviations {
  /** Envoy appends its own address to {@code x-forwarded-for} of a mirrored request. */
  static final String MIRRORED_FROM = "x-forwarded-for of a mirrored request";

  /** Envoy joins repeated fields of headers that it knows; Inmesh passes them on as they came. */
  static final String JOINED = "repeated fields of well-known headers";

  /** Envoy's log names a route for a request that it refuses before routing. */
  static final String ROUTE_OF_MALFORMED = "route of a malformed request (400)";

  private Deviations() {}

  /** A mirrored request of Envoy as Inmesh sends it. */
  static List<String> mirrored(Answer.Got got) {
    List<String> headers = new ArrayList<>(got.headers());
    if (!"true".equals(Wire.first(headers, "x-envoy-internal"))) {
      return headers;
    }
    for (int i = headers.size() - 2; i >= 0; i -= 2) {
      if (headers.get(i).equals("x-forwarded-for")) {
        String value = headers.get(i + 1);
        int last = value.lastIndexOf(',');
        if (last < 0) {
          headers.subList(i, i + 2).clear();
        } else {
          headers.set(i + 1, value.substring(0, last));
        }
        Seen.deviation(MIRRORED_FROM);
        return headers;
      }
    }
    return headers;
  }
}
