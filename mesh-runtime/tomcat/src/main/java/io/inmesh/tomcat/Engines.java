package io.inmesh.tomcat;

import java.util.concurrent.atomic.LongAdder;

/** Counts TLS engines: each that is made holds native memory until it is released. */
final class Engines {
  private final LongAdder made = new LongAdder();
  private final LongAdder released = new LongAdder();

  void make() {
    made.increment();
  }

  void release() {
    released.increment();
  }

  long made() {
    return made.sum();
  }

  long released() {
    return released.sum();
  }
}
