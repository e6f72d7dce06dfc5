package io.inmesh.runtime;

import java.util.concurrent.atomic.LongAdder;

/**
 * For server adapters: counts TLS engines, each of which may hold native memory from being made
 * until its release. Thread-safe.
 */
public final class Engines {
  private final LongAdder made = new LongAdder();
  private final LongAdder released = new LongAdder();

  public void make() {
    made.increment();
  }

  public void release() {
    released.increment();
  }

  public long made() {
    return made.sum();
  }

  public long released() {
    return released.sum();
  }
}
