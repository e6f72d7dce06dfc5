package io.inmesh.driver;

import io.inmesh.http.ResponseHead;

/** One attempt on a blocking transport. */
public interface Exchange {
  /**
   * Connects, sends, waits for the response head; the thread that calls it blocks. At most once.
   */
  ResponseHead execute() throws AttemptFailure;

  /** Any thread, idempotent, never blocks: execute and reads of the body fail soon after. */
  void cancel();

  /** Closes a response that nobody wants; the thread that executed. */
  void discard();
}
