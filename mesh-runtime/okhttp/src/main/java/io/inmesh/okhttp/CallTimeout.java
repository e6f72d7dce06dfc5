package io.inmesh.okhttp;

import io.inmesh.driver.DriverEnvironment;
import java.io.InterruptedIOException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The application's call time-out while the body is read. OkHttp's own covers a body only if it
 * holds the connection itself; here it ends with the head.
 */
final class CallTimeout {
  private CallTimeout() {}

  /** Free of charge without a call time-out. */
  static Response bounded(
      Call call, long startNanos, @Nullable Hop hop, Response answer, DriverEnvironment env) {
    long whole = call.timeout().timeoutNanos();
    if (whole == 0
        || hop == null
        || answer.body().contentLength() == 0
        || answer.socket() != null) {
      return answer;
    }
    long spent = System.nanoTime() - startNanos;
    Future<?> timer =
        env.timer()
            .schedule(
                () -> hop.callerFailed(new InterruptedIOException("timeout")),
                Math.max(0, whole - spent),
                TimeUnit.NANOSECONDS);
    hop.onEnd(() -> timer.cancel(false));
    return answer;
  }
}
