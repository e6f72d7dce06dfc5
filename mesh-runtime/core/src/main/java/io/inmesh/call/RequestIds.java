package io.inmesh.call;

import java.util.UUID;
import java.util.function.LongSupplier;

/** Version 4 UUIDs from the call's own random source: {@link UUID#randomUUID} takes a lock. */
final class RequestIds {
  private RequestIds() {}

  static String next(LongSupplier random) {
    long high = (random.getAsLong() & 0xffffffffffff0fffL) | 0x4000L;
    long low = (random.getAsLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    // the JDK writes the digits straight into the string; no other way has no copy
    return new UUID(high, low).toString();
  }
}
