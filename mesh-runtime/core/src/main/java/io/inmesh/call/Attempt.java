package io.inmesh.call;

import io.inmesh.upstream.Lease;

/** One attempt of an outbound call: its lease lives exactly as long as its stream. */
final class Attempt {
  final int number;
  final Lease lease;
  boolean sent;
  boolean headArrived;

  /** Its per-try time passed and it runs on beside a newer one (hedging). */
  boolean hedged;

  long perTryAt = Long.MAX_VALUE;

  Attempt(int number, Lease lease) {
    this.number = number;
    this.lease = lease;
  }
}
