package io.inmesh.driver;

import org.jspecify.annotations.Nullable;

/**
 * Cancels an exchange when the call's deadline passes while a thread blocks in it. Touches the
 * exchange, never the call.
 */
final class Watchdog {
  /** What happens when; replaced as a whole, since the timer reads it from its own thread. */
  private record Armed(long deadlineNanos, Exchange exchange) {}

  private final Deadlines deadlines;
  private volatile @Nullable Armed armed;
  private volatile boolean fired;

  Watchdog(DriverEnvironment env) {
    this.deadlines = env.deadlines();
  }

  /** Replaces what was armed before. No deadline costs nothing. */
  void arm(long deadlineNanos, Exchange exchange) {
    if (deadlineNanos == Long.MAX_VALUE) {
      disarm();
      return;
    }
    armed = new Armed(deadlineNanos, exchange);
    deadlines.add(this, deadlineNanos);
  }

  void disarm() {
    if (armed != null) {
      armed = null;
      deadlines.remove(this);
    }
  }

  /** {@link Long#MAX_VALUE}: not armed. */
  long deadlineNanos() {
    Armed now = armed;
    return now == null ? Long.MAX_VALUE : now.deadlineNanos;
  }

  /** On the timer's thread; nothing when it was disarmed or armed for later meanwhile. */
  void fire(long nowNanos) {
    Armed now = armed;
    if (now != null && now.deadlineNanos <= nowNanos) {
      fired = true;
      now.exchange.cancel();
    }
  }

  boolean fired() {
    return fired;
  }

  void reset() {
    disarm();
    fired = false;
  }
}
