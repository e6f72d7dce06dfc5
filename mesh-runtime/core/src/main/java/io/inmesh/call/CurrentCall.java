package io.inmesh.call;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The served request that the current thread works for, so that calls made for it inherit its
 * deadline, request id, trace and peer. Server adapters open a scope around the application's code;
 * client adapters read {@link #context()}.
 */
public final class CurrentCall {
  private static final ThreadLocal<CallContext> CURRENT = new ThreadLocal<>();

  private static volatile Source[] sources = {};
  private static final Scope NOTHING = () -> {};

  private CurrentCall() {}

  /** Where a library keeps what belongs to the current thread's work. */
  @FunctionalInterface
  public interface Source {
    /** Null: the current thread serves nobody, as far as this source knows. */
    @Nullable CallContext get();
  }

  /** {@link CallContext#NONE} when the thread serves nobody. */
  public static CallContext context() {
    CallContext context = CURRENT.get();
    if (context != null) {
      return context;
    }
    for (Source source : sources) {
      context = source.get();
      if (context != null) {
        return context;
      }
    }
    return CallContext.NONE;
  }

  /**
   * Until the scope is closed, on this thread. Also for handing a context to a thread of the
   * application's own.
   */
  public static Scope enter(CallContext context) {
    CallContext before = CURRENT.get();
    CURRENT.set(context);
    CallContext.Travelling travelling = context.travelling();
    Scope inner = travelling == null ? NOTHING : travelling.enter();
    return () -> {
      inner.close();
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    };
  }

  /**
   * For server adapters of libraries that carry a context of their own from thread to thread, as
   * gRPC does: it is asked where no scope is open. For good; once for each library.
   */
  public static synchronized void alsoIn(Source source) {
    Source[] more = Arrays.copyOf(sources, sources.length + 1);
    more[sources.length] = source;
    sources = more;
  }

  /** Ends on the thread that entered. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
