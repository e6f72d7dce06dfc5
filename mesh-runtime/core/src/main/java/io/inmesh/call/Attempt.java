package io.inmesh.call;

import io.inmesh.upstream.Lease;

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
}
