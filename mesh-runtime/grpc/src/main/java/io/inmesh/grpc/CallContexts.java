package io.inmesh.grpc;

import io.grpc.Context;
import io.inmesh.call.CallContext;
import io.inmesh.call.CurrentCall;

/**
 * The served request that an RPC is made for: of the thread, or of grpc-java's own context, which
 * gRPC servers pass on.
 */
public final class CallContexts {
  /** Servers put the context of the request that they serve here. */
  public static final Context.Key<CallContext> KEY = Context.key("io.inmesh.call-context");

  private CallContexts() {}

  static CallContext current(Context context) {
    CallContext ofThread = CurrentCall.context();
    if (ofThread != CallContext.NONE) {
      return ofThread;
    }
    CallContext carried = KEY.get(context);
    return carried == null ? CallContext.NONE : carried;
  }
}
