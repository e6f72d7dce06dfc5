package io.inmesh.match;

import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * Judges the value of one header; of one that was sent several times each value alone, and one that
 * matches is enough. Joined, {@code x-role: user} before {@code x-role: admin} would slip past a
 * DENY of {@code admin} (CVE-2026-26308).
 *
 * @param name in lower case, or a pseudo header
 * @param missingAsEmpty {@code treat_missing_header_as_empty}; otherwise a missing header never
 *     matches, inverted or not
 */
public record HeaderValueMatcher(
    String name, StringMatcher value, boolean invert, boolean missingAsEmpty)
    implements HeaderMatcher {

  @Override
  public boolean matches(RequestHead head) {
    if (name.startsWith(":") || name.equals("host")) {
      return matches(head.header(name));
    }
    return matches(head.headers());
  }

  @Override
  public boolean matches(ResponseHead head) {
    return name.equals(":status")
        ? matches(Integer.toString(head.status()))
        : matches(head.headers());
  }

  private boolean matches(@Nullable String found) {
    return found == null ? missing() : value.matches(found) != invert;
  }

  private boolean matches(Headers headers) {
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
