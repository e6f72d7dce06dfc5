package io.inmesh.telemetry;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Lets one message of a kind through each second and counts the others. Thread-safe, bounded. */
final class RepeatLimit {
  private static final long INTERVAL = 1_000_000_000L;
  private static final int KINDS = 256;

  private final LongSupplier nanos;
  private final ConcurrentHashMap<Kind, Window> windows = new ConcurrentHashMap<>();

  RepeatLimit(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** -1: not now; else how many of the kind were held back since the last one. */
  long take(String what, String where) {
    long now = nanos.getAsLong();
    Kind kind = new Kind(what, where);
    Window window = windows.get(kind);
    if (window == null) {
      if (windows.size() >= KINDS) {
        kind = new Kind("other", "");
      }
      window = windows.computeIfAbsent(kind, k -> new Window(now - INTERVAL));
    }
    long last = window.last.get();
    if (now - last >= INTERVAL && window.last.compareAndSet(last, now)) {
      return window.held.getAndSet(0);
    }
    window.held.incrementAndGet();
    return -1;
  }

  private record Kind(String what, String where) {}

  private static final class Window {
    final AtomicLong last;
    final AtomicLong held = new AtomicLong();

    Window(long last) {
      this.last = new AtomicLong(last);
    }
  }
}
