package io.inmesh.match;

import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;

/**
 * Judges the value of one header.
 *
 * @param name in lower case, or a pseudo header
 * @param missingAsEmpty {@code treat_missing_header_as_empty}; otherwise a missing header never
 *     matches, inverted or not
 * @param repeated how a header that was sent several times is judged
 */
public record HeaderValueMatcher(
    String name, StringMatcher value, boolean invert, boolean missingAsEmpty, Repeated repeated)
    implements HeaderMatcher {

  /** How repeated fields of one name are judged. */
  public enum Repeated {
    /** The values joined by a comma, as older Envoys judged them in routes. */
    JOINED,
    /**
     * Routes and authorization: one of the values is enough. Joined, {@code x-role: user} before
     * {@code x-role: admin} would slip past a DENY of {@code admin} (CVE-2026-26308).
     */
    EACH
  }

  @Override
  public boolean matches(RequestHead head) {
    if (repeated == Repeated.JOINED || name.startsWith(":") || name.equals("host")) {
      String found = head.header(name);
      return found == null ? missing() : value.matches(found) != invert;
    }
    Headers headers = head.headers();
    boolean present = false;
    for (int i = 0; i < headers.size(); i++) {
      if (headers.name(i).equals(name)) {
        present = true;
        if (value.matches(headers.value(i))) {
          return !invert;
        }
      }
    }
    return present ? invert : missing();
  }

  private boolean missing() {
    return missingAsEmpty && value.matches("") != invert;
  }
}
