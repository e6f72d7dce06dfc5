package io.inmesh.okhttp;

import io.inmesh.http.RequestHead;
import okhttp3.Request;

/**
 * The tag of a request that speaks for another HTTP library: it is sent with its own headers alone,
 * without the gzip and the user agent that OkHttp would add to its own.
 */
public enum Verbatim {
  INSTANCE;

  /** Stands where OkHttp would write its own, and is taken out again below. */
  private static final String NONE = "inmesh-none";

  /** Of an attempt: OkHttp adds what a request lacks, and takes gzip back that it asked for. */
  static void keep(RequestHead head, Request.Builder attempt) {
    if (!head.headers().contains("accept-encoding")) {
      attempt.header("accept-encoding", NONE).tag(Verbatim.class, INSTANCE);
    }
  }

  /** Below OkHttp's own headers. */
  static Request bare(Request attempt) {
    return is(attempt) ? attempt.newBuilder().removeHeader("accept-encoding").build() : attempt;
  }

  static boolean is(Request request) {
    return request.tag(Verbatim.class) != null;
  }
}
