package io.inmesh.okhttp;

import okhttp3.Call;
import okhttp3.EventListener;
import org.jspecify.annotations.Nullable;

/** Hands a cancel of the application's call (or its call time-out) on to the hop under way. */
final class Cancellation extends EventListener {
  private volatile boolean cancelled;
  private volatile @Nullable Hop hop;

  static Cancellation of(Call call) {
    Cancellation cancellation = new Cancellation();
    call.addEventListener(cancellation);
    if (call.isCanceled()) {
      cancellation.cancelled = true;
    }
    return cancellation;
  }

  /** The hop that runs, or ran last. */
  @Nullable Hop hop() {
    return hop;
  }

  void now(Hop next) {
    hop = next;
    if (cancelled) {
      next.cancel();
    }
  }

  @Override
  public void canceled(Call call) {
    cancelled = true;
    Hop running = hop;
    if (running != null) {
      running.cancel();
    }
  }
}
