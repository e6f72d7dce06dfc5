package io.inmesh.reactor;

import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Heads between Netty's form and the engine's. */
final class Heads {
  /** Netty's notes about an HTTP/2 stream, which are no headers of the peer's. */
  private static final String NETTYS = "x-http2-";

  private Heads() {}

  static Headers headers(HttpHeaders from, int room) {
    Headers to = new Headers(from.size() + room);
    for (Iterator<Map.Entry<CharSequence, CharSequence>> all = from.iteratorCharSequence();
        all.hasNext(); ) {
      Map.Entry<CharSequence, CharSequence> field = all.next();
      String name = field.getKey().toString();
      if (!AsciiString.regionMatches(name, true, 0, NETTYS, 0, NETTYS.length())) {
        to.add(name, field.getValue().toString());
      }
    }
    return to;
  }

  static @Nullable Headers trailers(HttpHeaders from) {
    return from.isEmpty() ? null : headers(from, 0);
  }

  /**
   * What goes on the wire of an attempt, in place of what the library has put there.
   *
   * @param body whether there is one
   */
  static void wire(RequestHead head, boolean body, HttpHeaders to) {
    to.clear();
    to.set("host", head.authority());
    Headers from = head.headers();
    boolean length = false;
    for (int i = 0; i < from.size(); i++) {
      String name = from.name(i);
      if (name.equals("host") || name.equals("transfer-encoding")) {
        continue;
      }
      length |= name.equals("content-length");
      to.add(name, from.value(i));
    }
    if (body && !length) {
      to.set("transfer-encoding", "chunked");
    }
  }

  /** In bytes; negative: unknown. */
  static long contentLength(HttpHeaders headers) {
    String text = headers.get("content-length");
    try {
      return text == null ? -1 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  static void copy(Headers from, HttpHeaders to) {
    for (int i = 0; i < from.size(); i++) {
      to.add(from.name(i), from.value(i));
    }
  }
}
