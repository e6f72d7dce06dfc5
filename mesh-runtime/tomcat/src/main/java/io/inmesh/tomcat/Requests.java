package io.inmesh.tomcat;

import java.util.concurrent.atomic.LongAdder;

/** Counts requests that are being served. */
final class Requests {
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();

  void begin() {
    begun.increment();
  }

  void end() {
    ended.increment();
  }

  boolean none() {
    return ended.sum() >= begun.sum();
  }
}
