package io.inmesh.call;

import io.inmesh.http.RequestHead;

/** Where an ORIGINAL_DST cluster would send the request: what the application asked for. */
final class OriginalDestination {
  private OriginalDestination() {}

  /** {@code host:port}, with the scheme's port where the authority has none. */
  static String of(RequestHead request) {
    String authority = request.authority();
    if (Authorities.portStart(authority) >= 0) {
      return authority;
    }
    return authority + (request.scheme().equals("https") ? ":443" : ":80");
  }
}
