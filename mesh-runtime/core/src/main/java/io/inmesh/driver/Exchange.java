package io.inmesh.driver;

import io.inmesh.http.ResponseHead;

/** One attempt on a blocking transport. */
public interface Exchange {
  /**
   * Connects, sends, waits for the response head; the thread that calls it blocks. At most once.
   */
  ResponseHead execute(Sending sending) throws AttemptFailure;

  /** After {@link #execute}: the response has neither body nor trailers, nothing will be read. */
  default boolean complete() {
    return false;
  }

  /** Any thread, idempotent, never blocks: execute and reads of the body fail soon after. */
  void cancel();

  /**
   * Nobody wants the response that {@link #execute} returned, or will return on another thread
   * (after {@link #cancel}): close it, keeping the connection where that costs little.
   */
  void discard();
}
