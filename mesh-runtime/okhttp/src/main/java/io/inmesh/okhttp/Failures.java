package io.inmesh.okhttp;

import io.inmesh.call.ResetKind;
import io.inmesh.driver.AttemptFailure;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLException;
import okhttp3.internal.http2.ErrorCode;
import okhttp3.internal.http2.StreamResetException;

/** From OkHttp's exceptions to Envoy's words, by how far the attempt had got. */
final class Failures {
  /** How far an attempt had got when it failed. */
  enum Stage {
    CONNECTING,
    HANDSHAKE,
    CONNECTED
  }

  private Failures() {}

  static AttemptFailure of(IOException e, Stage stage) {
    return new AttemptFailure(kind(e, stage), detail(e), e);
  }

  static ResetKind kind(IOException e, Stage stage) {
    if (stage != Stage.CONNECTED) {
      if (e instanceof SocketTimeoutException) {
        return ResetKind.CONNECT_TIMEOUT;
      }
      return stage == Stage.HANDSHAKE || e instanceof SSLException
          ? ResetKind.TLS_FAILURE
          : ResetKind.CONNECT_FAILURE;
    }
    if (e instanceof StreamResetException reset) {
      return reset.errorCode == ErrorCode.REFUSED_STREAM
          ? ResetKind.REFUSED_STREAM
          : ResetKind.REMOTE_RESET;
    }
    return e instanceof ProtocolException
        ? ResetKind.PROTOCOL_ERROR
        : ResetKind.CONNECTION_TERMINATION;
  }

  /** The transport's words and its cause's, once. */
  private static String detail(IOException e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    Throwable cause = e.getCause();
    String more = cause == null ? null : cause.getMessage();
    return more == null || message.contains(more) ? message : message + ": " + more;
  }
}
