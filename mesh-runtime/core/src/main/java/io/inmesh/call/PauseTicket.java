package io.inmesh.call;

import io.inmesh.filter.LocalReply;
import io.inmesh.filter.Pause;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One pause. A ticket of its own for each, so that an answer that comes twice or too late cannot
 * end another filter's pause.
 */
final class PauseTicket implements Pause {
  /** The answer that means: go on. */
  static final Object GO_ON = new Object();

  private final Waker waker;
  private final AtomicReference<@Nullable Object> answer = new AtomicReference<>();

  PauseTicket(Waker waker) {
    this.waker = waker;
  }

  /** Null, {@link #GO_ON}, or the {@link LocalReply} to end with. */
  @Nullable Object answer() {
    return answer.get();
  }

  @Override
  public void resume() {
    end(GO_ON);
  }

  @Override
  public void resumeWith(LocalReply reply) {
    end(reply);
  }

  private void end(Object how) {
    if (answer.compareAndSet(null, how)) {
      waker.wake();
    }
  }
}
