package io.inmesh.tomcat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Header text as bytes. What the mesh adds to responses is nearly always the same, so the bytes of
 * short texts are kept: as many as there are places, the newest in each. Thread-safe.
 */
final class LatinBytes {
  private static final int PLACES = 64;
  private static final int SHORT = 64;

  private record Known(String text, byte[] bytes) {}

  private final AtomicReferenceArray<@Nullable Known> places = new AtomicReferenceArray<>(PLACES);

  /** Not to be changed. Control characters are blanks, as Tomcat makes them of strings. */
  byte[] of(String text) {
    if (text.length() > SHORT) {
      return bytes(text);
    }
    int place = text.hashCode() & PLACES - 1;
    Known known = places.getPlain(place);
    if (known == null || !known.text.equals(text)) {
      known = new Known(text, bytes(text));
      places.set(place, known);
    }
    return known.bytes;
  }

  private static byte[] bytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b >= 0 && b < ' ' && b != '\t' || b == 0x7f) {
        bytes[i] = ' '; // a line feed would begin a new header
      }
    }
    return bytes;
  }
}
