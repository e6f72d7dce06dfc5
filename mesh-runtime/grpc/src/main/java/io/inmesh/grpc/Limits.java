package io.inmesh.grpc;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.inmesh.call.CallContext;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The caller's own limits, in grpc-java's words: what ends there is not the mesh's affair. */
final class Limits {
  /** Timers are no more exact than this, and {@code grpc-timeout} is rounded down. */
  static final long SAME_MOMENT_MILLIS = 5;

  private static final long MOST = 99_999_999;

  private Limits() {}

  /** The first of the call's, the context's, and that of the request that is being served. */
  static @Nullable Deadline deadline(
      CallOptions options, Context context, CallContext served, long nowNanos) {
    Deadline first = sooner(options.getDeadline(), context.getDeadline());
    if (served.deadlineNanos() == Long.MAX_VALUE) {
      return first;
    }
    return sooner(first, Deadline.after(served.deadlineNanos() - nowNanos, TimeUnit.NANOSECONDS));
  }

  private static @Nullable Deadline sooner(@Nullable Deadline one, @Nullable Deadline other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.minimum(other);
  }

  static Status exceeded(long nanos) {
    return Status.DEADLINE_EXCEEDED.withDescription(
        "deadline exceeded after "
            + String.format(Locale.ROOT, "%.9f", nanos / 1e9)
            + "s, set by the caller");
  }

  static Status cancelled(Context context) {
    Throwable cause = context.cancellationCause();
    if (cause instanceof TimeoutException) {
      return Status.DEADLINE_EXCEEDED.withDescription(cause.getMessage()).withCause(cause);
    }
    Status status = cause == null ? Status.CANCELLED : Status.fromThrowable(cause);
    if (status.getCode() == Status.Code.UNKNOWN && status.getCause() == cause) {
      status = Status.CANCELLED.withDescription("Context cancelled").withCause(cause);
    }
    return status;
  }

  /** As {@code grpc-timeout} goes on the wire: up to eight digits and a unit. */
  static String header(long nanos) {
    long left = Math.max(0, nanos);
    if (left <= MOST) {
      return left + "n";
    }
    if (left / 1_000 <= MOST) {
      return left / 1_000 + "u";
    }
    if (left / 1_000_000 <= MOST) {
      return left / 1_000_000 + "m";
    }
    long seconds = left / 1_000_000_000;
    if (seconds <= MOST) {
      return seconds + "S";
    }
    return seconds / 60 <= MOST ? seconds / 60 + "M" : Math.min(MOST, seconds / 3600) + "H";
  }
}
