package io.inmesh.match;

import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;

/** {@code present_match}: the header is there, or ({@code present} false) is not. */
public record HeaderPresenceMatcher(String name, boolean present) implements HeaderMatcher {
  @Override
  public boolean matches(RequestHead head) {
    boolean found =
        name.startsWith(":") || name.equals("host")
            ? head.header(name) != null
            : head.headers().contains(name);
    return found == present;
  }

  @Override
  public boolean matches(ResponseHead head) {
    return (name.equals(":status") || head.headers().contains(name)) == present;
  }
}
