package io.inmesh.upstream;

import io.inmesh.config.ReportedWeights;

/**
 * What a host's load reports make it weigh, and since when: Envoy's {@code ClientSideHostLbPolicy
 * Data}. Written by whoever brings a report, read when weights are worked out. Thread-safe: of two
 * reports at once one is kept.
 */
final class ReportedWeight {
  private static final Told NOTHING = new Told(0, 0, 0);

  private volatile Told told = NOTHING;

  /** In force from when the list is next made. */
  volatile long effective = ReportedWeights.UNREPORTED;

  /** Weight 0: nothing told, or too long ago. */
  private record Told(long weight, long sinceNanos, long lastNanos) {}

  void report(long weight, long nowNanos) {
    Told before = told;
    told = new Told(weight, before.weight == 0 ? nowNanos : before.sinceNanos, nowNanos);
  }

  /** 0: none that counts. */
  long valid(ReportedWeights rules, long nowNanos) {
    Told now = told;
    if (now.weight == 0) {
      return 0;
    }
    if (nowNanos - now.sinceNanos < rules.blackoutNanos()) {
      return 0;
    }
    if (nowNanos - now.lastNanos > rules.expirationNanos()) {
      told = NOTHING; // when reports come again, the blackout does too
      return 0;
    }
    return now.weight;
  }
}
