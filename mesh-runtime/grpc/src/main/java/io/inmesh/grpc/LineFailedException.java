package io.inmesh.grpc;

import io.grpc.Status;
import io.inmesh.call.ResetKind;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;

/**
 * No connection could be made; travels as the cause of a status, from the channel to an attempt.
 */
final class LineFailedException extends Exception {
  private static final long serialVersionUID = 1;

  final ResetKind kind;

  LineFailedException(ResetKind kind, String detail) {
    super(detail, null, false, false);
    this.kind = kind;
  }

  /** Of what the transport says of a connection that did not come about. */
  static LineFailedException of(Status status, boolean tls) {
    ResetKind kind = ResetKind.CONNECT_FAILURE;
    String words = status.getDescription();
    boolean refused = false;
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException || cause instanceof CertificateException) {
        kind = ResetKind.TLS_FAILURE;
      }
      refused |= cause instanceof ConnectException;
      String message = cause.getMessage();
      if (message != null) {
        words = message;
      }
    }
    if (tls && !refused && words != null && words.contains("TLS negotiation")) {
      kind = ResetKind.TLS_FAILURE;
    }
    return new LineFailedException(kind, words == null ? status.getCode().name() : words);
  }

  Status status() {
    return Status.UNAVAILABLE.withDescription(getMessage()).withCause(this);
  }
}
