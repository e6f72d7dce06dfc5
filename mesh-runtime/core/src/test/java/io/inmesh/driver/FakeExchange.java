package io.inmesh.driver;

import io.inmesh.call.ResetKind;
import io.inmesh.http.ResponseHead;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An attempt that answers at once, or blocks until it is released or cancelled. */
class FakeExchange implements Exchange {
  final CountDownLatch executing = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  final AtomicInteger cancels = new AtomicInteger();
  final AtomicInteger discards = new AtomicInteger();
  volatile Thread on;
  private final boolean blocks;

  FakeExchange(boolean blocks) {
    this.blocks = blocks;
  }

  @Override
  public ResponseHead execute(Sending sending) throws AttemptFailure {
    on = Thread.currentThread();
    executing.countDown();
    if (blocks) {
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AttemptFailure(ResetKind.LOCAL_RESET, "interrupted", e);
      }
      if (cancels.get() > 0) {
        throw new AttemptFailure(ResetKind.LOCAL_RESET, "cancelled", null);
      }
    }
    return answer(sending);
  }

  ResponseHead answer(Sending sending) throws AttemptFailure {
    return ScriptedCall.response(200);
  }

  void release() {
    released.countDown();
  }

  @Override
  public void cancel() {
    cancels.incrementAndGet();
    released.countDown();
  }

  @Override
  public void discard() {
    discards.incrementAndGet();
  }
}
