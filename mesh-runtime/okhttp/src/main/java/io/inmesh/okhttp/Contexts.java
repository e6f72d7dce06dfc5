package io.inmesh.okhttp;

import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;
import okhttp3.Call;
import okhttp3.EventListener;

/**
 * Which served request a call is made for. An enqueued call runs on another thread than the one
 * that made it, so the context is taken when the call starts.
 */
final class Contexts extends EventListener {
  private static final Contexts CAPTURE = new Contexts();

  private Contexts() {}

  static EventListener.Factory capture(EventListener.Factory application) {
    return call -> application.create(call).plus(CAPTURE);
  }

  static CallContext of(Call call) {
    CallContext captured = call.tag(CallContext.class);
    return captured == null ? CurrentCall.context() : captured;
  }

  @Override
  public void callStart(Call call) {
    CallContext context = CurrentCall.context();
    if (context != CallContext.NONE) {
      call.tag(CallContext.class, () -> context);
    }
  }
}
