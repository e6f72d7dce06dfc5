package io.inmesh.telemetry;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Envoy's {@code upstream_rq_completed}, {@code _2xx}, {@code _200} under one prefix. */
final class Codes {
  private final Metrics metrics;
  private final EnvoyScope scope;
  private final String prefix;
  private final boolean each;
  private final Counter completed;
  private final AtomicReferenceArray<@Nullable Counter> classes = new AtomicReferenceArray<>(6);
  private final AtomicReferenceArray<@Nullable Counter> codes;

  /**
   * @param prefix {@code upstream_rq_}, {@code retry.upstream_rq_}
   * @param each a counter for each code as well
   */
  Codes(Metrics metrics, EnvoyScope scope, String prefix, boolean each) {
    this.metrics = metrics;
    this.scope = scope;
    this.prefix = prefix;
    this.each = each;
    this.completed = scope.counter(metrics, prefix + "completed");
    this.codes = new AtomicReferenceArray<>(each ? 500 : 0);
  }

  void count(int status) {
    if (status < 100 || status > 599) {
      return;
    }
    completed.increment();
    int kind = status / 100;
    Counter ofClass = classes.get(kind);
    if (ofClass == null) {
      ofClass = scope.counter(metrics, prefix + kind + "xx");
      classes.set(kind, ofClass);
    }
    ofClass.increment();
    if (each) {
      Counter ofCode = codes.get(status - 100);
      if (ofCode == null) {
        ofCode = scope.counter(metrics, prefix + status);
        codes.set(status - 100, ofCode);
      }
      ofCode.increment();
    }
  }
}
