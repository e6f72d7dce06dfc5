package io.inmesh.call;

/**
 * The served request that the current thread works for, so that calls made for it inherit its
 * deadline, request id, trace and peer. Server adapters open a scope around the application's code;
 * client adapters read {@link #context()}.
 */
public final class CurrentCall {
  private static final ThreadLocal<CallContext> CURRENT = new ThreadLocal<>();

  private CurrentCall() {}

  /** {@link CallContext#NONE} when the thread serves nobody. */
  public static CallContext context() {
    CallContext context = CURRENT.get();
    return context == null ? CallContext.NONE : context;
  }

  /**
   * Until the scope is closed, on this thread. Also for handing a context to a thread of the
   * application's own.
   */
  public static Scope enter(CallContext context) {
    CallContext before = CURRENT.get();
    CURRENT.set(context);
    return () -> {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    };
  }

  /** Ends on the thread that entered. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
