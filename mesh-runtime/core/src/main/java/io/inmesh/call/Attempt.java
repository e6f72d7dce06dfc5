package io.inmesh.call;

import io.inmesh.config.RetryPolicy;
import io.inmesh.upstream.Lease;
import org.jspecify.annotations.Nullable;

/** One attempt of an outbound call: its lease lives exactly as long as its stream. */
final class Attempt {
  final int number;
  final Lease lease;
  boolean sent;
  boolean headArrived;

  /** Its per-try time passed and it runs on beside a newer one (hedging): never retried again. */
  boolean hedged;

  /** Outlier detection has been told of its time-out; another would count it twice. */
  boolean timeoutTold;

  long perTryAt = Long.MAX_VALUE;

  /** {@code per_try_idle_timeout}: moved on whenever something happens on it. */
  long perTryIdleAt = Long.MAX_VALUE;

  Attempt(int number, Lease lease) {
    this.number = number;
    this.lease = lease;
  }

  /** {@code per_try_timeout} begins: the whole request was sent. */
  void startTimer(@Nullable RetryPolicy policy, long nowNanos) {
    if (policy != null && policy.perTryNanos() > 0 && !headArrived) {
      perTryAt = nowNanos + policy.perTryNanos();
    }
  }

  /** Something happened on it. */
  void moved(@Nullable RetryPolicy policy, long nowNanos) {
    if (policy != null && policy.perTryIdleNanos() > 0) {
      perTryIdleAt = nowNanos + policy.perTryIdleNanos();
    }
  }
}
