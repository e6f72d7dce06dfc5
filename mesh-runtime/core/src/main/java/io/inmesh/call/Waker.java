package io.inmesh.call;

/** Makes the driver of a call poll it again soon. Any thread, idempotent, never blocks. */
@FunctionalInterface
public interface Waker {
  void wake();
}
