package io.inmesh.driver;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cancels an exchange when the call's deadline passes while a thread blocks in it. Touches the
 * exchange, never the call.
 */
final class Watchdog {
  private final DriverEnvironment env;
  private @Nullable Future<?> pending;
  private volatile boolean fired;

  Watchdog(DriverEnvironment env) {
    this.env = env;
  }

  /** Replaces what was armed before. No deadline costs nothing. */
  void arm(long deadlineNanos, Exchange exchange) {
    disarm();
    if (deadlineNanos != Long.MAX_VALUE) {
      long delay = Math.max(0, deadlineNanos - env.nanos().getAsLong());
      pending =
          env.timer()
              .schedule(
                  () -> {
                    fired = true;
                    exchange.cancel();
                  },
                  delay,
                  TimeUnit.NANOSECONDS);
    }
  }

  void disarm() {
    Future<?> armed = pending;
    if (armed != null) {
      armed.cancel(false);
      pending = null;
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
