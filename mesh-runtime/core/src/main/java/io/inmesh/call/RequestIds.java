package io.inmesh.call;

import java.util.function.LongSupplier;

/**
 * Version 4 UUIDs from the call's own random source: {@link java.util.UUID#randomUUID} takes a
 * lock.
 */
final class RequestIds {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private RequestIds() {}

  @SuppressWarnings("deprecation") // the one constructor that takes Latin-1 bytes without a decoder
  static String next(LongSupplier random) {
    long high = (random.getAsLong() & 0xffffffffffff0fffL) | 0x4000L;
    long low = (random.getAsLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    byte[] text = new byte[36];
    int at = 0;
    for (int nibble = 0; nibble < 32; nibble++) {
      if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) {
        text[at++] = '-';
      }
      long half = nibble < 16 ? high : low;
      text[at++] = HEX[(int) (half >>> (60 - (nibble & 15) * 4)) & 15];
    }
    return new String(text, 0);
  }
}
