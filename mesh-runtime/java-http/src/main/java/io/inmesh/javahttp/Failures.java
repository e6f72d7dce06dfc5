package io.inmesh.javahttp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What {@code send} throws: of the same type as the cause, with the caller's stack in it. */
final class Failures {
  private Failures() {}

  static IOException asThrownBySend(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    String message = cause == null ? null : cause.getMessage();
    IOException told;
    if (cause instanceof HttpConnectTimeoutException) {
      told = new HttpConnectTimeoutException(message);
    } else if (cause instanceof HttpTimeoutException) {
      told = new HttpTimeoutException(message);
    } else if (cause instanceof ConnectException) {
      told = new ConnectException(message);
    } else if (cause instanceof SSLException) {
      told = new SSLException(message);
    } else {
      return new IOException(message, cause);
    }
    told.initCause(cause);
    return told;
  }
}
