package io.inmesh.okhttp;

import okhttp3.Response;

/** What HTTP says of bodies and methods. */
final class Bodies {
  /** Reading that much to keep a connection is cheaper than making a new one. */
  static final long CHEAP_TO_DRAIN = 64 * 1024;

  private Bodies() {}

  /** Nothing follows the head. Of HTTP/2 without a length this is not known yet. */
  static boolean none(String method, Response response) {
    int code = response.code();
    return method.equals("HEAD")
        || code == 204
        || code == 304
        || response.body().contentLength() == 0;
  }

  static boolean idempotent(String method) {
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
      default -> false;
    };
  }
}
