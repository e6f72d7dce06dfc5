package io.inmesh.driver;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The deadlines of all calls under way, behind one timer task. Nearly every call ends long before
 * its deadline, so the timer is told only of one that is earlier than the next look; a task for
 * each call would take the timer's lock and wake its thread for each. Thread-safe.
 */
final class Deadlines {
  private final LongSupplier nanos;
  private final ScheduledExecutorService timer;
  private final Set<Watchdog> armed = ConcurrentHashMap.newKeySet();

  /** When the timer looks at all of them next. */
  private final AtomicLong nextLook = new AtomicLong(Long.MAX_VALUE);

  Deadlines(LongSupplier nanos, ScheduledExecutorService timer) {
    this.nanos = nanos;
    this.timer = timer;
  }

  void add(Watchdog watchdog, long deadlineNanos) {
    armed.add(watchdog); // before the look is planned: one that begins after it sees it
    plan(deadlineNanos);
  }

  void remove(Watchdog watchdog) {
    armed.remove(watchdog);
  }

  private void plan(long at) {
    for (long planned = nextLook.get(); at < planned; planned = nextLook.get()) {
      if (nextLook.compareAndSet(planned, at)) {
        try {
          long delay = Math.max(0, at - nanos.getAsLong());
          timer.schedule(() -> look(at), delay, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
          // the mesh has been closed; the transport's own time-outs still hold
        }
        return;
      }
    }
  }

  /**
   * One that was planned and then overtaken by an earlier one finds another time and does nothing.
   */
  private void look(long at) {
    if (!nextLook.compareAndSet(at, Long.MAX_VALUE)) {
      return;
    }
    long now = nanos.getAsLong();
    long soonest = Long.MAX_VALUE;
    for (Watchdog each : armed) {
      long deadline = each.deadlineNanos();
      if (deadline > now && deadline != Long.MAX_VALUE) {
        soonest = Math.min(soonest, deadline);
        continue;
      }
      armed.remove(each);
      each.fire(now);
      long again = each.deadlineNanos();
      if (again > now && again != Long.MAX_VALUE) {
        add(each, again); // armed anew while it was being taken out
      }
    }
    plan(soonest);
  }
}
