package io.inmesh.grpc.server;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.inmesh.call.CallContext;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Takes {@code grpc-timeout} from gRPC and gives it to the mesh. gRPC resets a stream whose time is
 * over; a sidecar answers DEADLINE_EXCEEDED, which the caller's own sidecar can pass on. The
 * application reads it in its {@link Context} and its metadata as ever.
 */
final class CallersDeadline extends ServerStreamTracer.Factory {
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<String> TAKEN = Context.key("io.inmesh.grpc-timeout");
  private static final ServerStreamTracer NONE = new ServerStreamTracer() {};
  private static final ScheduledThreadPoolExecutor NEVER = new Never();

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    String timeout = headers.get(HEADER);
    if (timeout == null) {
      return NONE;
    }
    headers.discardAll(HEADER);
    return new ServerStreamTracer() {
      @Override
      public Context filterContext(Context context) {
        return context.withValue(TAKEN, timeout);
      }
    };
  }

  /** What the caller sent; null: nothing. */
  static @Nullable String header(Context context) {
    return TAKEN.get(context);
  }

  /** With the deadline of that call, at which the mesh cancels it with {@link #passed}. */
  static Context.CancellableContext context(Context outer, CallContext call, long nowNanos) {
    return call.deadlineNanos() == Long.MAX_VALUE
        ? outer.withCancellation()
        : outer.withDeadline(
            Deadline.after(call.deadlineNanos() - nowNanos, TimeUnit.NANOSECONDS), NEVER);
  }

  static Throwable passed() {
    return new TimeoutException("context timed out"); // gRPC's words
  }

  /** The mesh keeps time: another timer would race with it. Never starts a thread. */
  private static final class Never extends ScheduledThreadPoolExecutor {
    Never() {
      super(0);
    }

    @Override
    @SuppressWarnings("NullAway") // Context looks whether it got one
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      return null;
    }
  }
}
