package io.inmesh.reactor;

import io.inmesh.call.ResetKind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** From Netty's exceptions to Envoy's words, by how far the attempt had got. */
final class Failures {
  private Failures() {}

  static ResetKind kind(Throwable e, boolean connected, boolean tls) {
    if (!connected) {
      if (e instanceof ConnectTimeoutException || e instanceof SslHandshakeTimeoutException) {
        return ResetKind.CONNECT_TIMEOUT;
      }
      return tls && !(e instanceof java.net.ConnectException)
          ? ResetKind.TLS_FAILURE
          : ResetKind.CONNECT_FAILURE;
    }
    if (e instanceof DecoderException || e instanceof IllegalArgumentException) {
      return e.getCause() instanceof SSLException
          ? ResetKind.CONNECTION_TERMINATION
          : ResetKind.PROTOCOL_ERROR;
    }
    return e instanceof IOException || e instanceof RuntimeException
        ? ResetKind.CONNECTION_TERMINATION
        : ResetKind.LOCAL_RESET;
  }

  /** The application's own time-out: it gives up, behind a sidecar as well. */
  static boolean callersOwn(Throwable e) {
    return e instanceof ReadTimeoutException;
  }

  /** The transport's words and its cause's, once. */
  static String detail(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    Throwable cause = e.getCause();
    String more = cause == null ? null : cause.getMessage();
    return more == null || message.contains(more) ? message : message + ": " + more;
  }
}
