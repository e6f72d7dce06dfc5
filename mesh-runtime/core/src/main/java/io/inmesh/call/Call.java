package io.inmesh.call;

import org.jspecify.annotations.Nullable;

/**
 * One logical call. Owned by one driver at a time, which serialises every use; a call never calls
 * back into its driver except by the {@link Waker}. No I/O, no thread, no clock.
 *
 * <p>A driver calls {@link #poll} until it gives null after creation, after each {@link #on}, after
 * each wake, and when {@link #deadlineNanos()} is reached.
 */
public interface Call {
  void on(Event event, long nowNanos);

  /** The next thing to do, or null when the call waits for an event, a wake or its deadline. */
  @Nullable Command poll(long nowNanos);

  /** When to poll at the latest; {@link Long#MAX_VALUE}: no deadline. */
  long deadlineNanos();

  /** Inbound: what calls made for this request inherit. Outbound: what was inherited. */
  CallContext context();

  /** For the adapter to tell, if it can: bytes of the request's body, all together so far. */
  default void requestBytes(long bytes) {}

  /** Bytes of the response's body, all together so far; before the event that ends the call. */
  default void responseBytes(long bytes) {}

  /** Final once {@link Command.Done} was polled. */
  Outcome outcome();

  /**
   * Whether the response head must pass through the engine before it is sent (inbound: wrap the
   * response only then).
   */
  boolean wantsResponse();
}
