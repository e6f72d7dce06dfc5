package io.inmesh.grpc;

import io.grpc.Status;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;

/** From the status that grpc-java makes up when the peer has given none, to Envoy's words. */
final class Failures {
  private static final String RESET = "RST_STREAM closed stream. HTTP/2 error code: ";

  private Failures() {}

  /**
   * @param connected the stream had got a connection
   */
  static Event.Failed of(int attempt, Status status, boolean connected) {
    if (status.getCause() instanceof LineFailedException line) {
      return new Event.Failed(attempt, line.kind, String.valueOf(line.getMessage()));
    }
    String words = status.getDescription();
    String detail = words == null ? status.getCode().name() : words;
    return new Event.Failed(attempt, kind(status, detail, connected), detail(status, detail));
  }

  private static ResetKind kind(Status status, String detail, boolean connected) {
    if (!connected) {
      return ResetKind.CONNECT_FAILURE;
    }
    if (detail.startsWith(RESET)) {
      return detail.startsWith("REFUSED_STREAM", RESET.length())
          ? ResetKind.REFUSED_STREAM
          : ResetKind.REMOTE_RESET;
    }
    return switch (status.getCode()) {
      case UNAVAILABLE -> ResetKind.CONNECTION_TERMINATION;
      case CANCELLED, RESOURCE_EXHAUSTED -> ResetKind.LOCAL_RESET;
      default -> ResetKind.PROTOCOL_ERROR;
    };
  }

  private static String detail(Status status, String detail) {
    Throwable cause = status.getCause();
    String more = cause == null ? null : cause.getMessage();
    return more == null || detail.contains(more) ? detail : detail + ": " + more;
  }
}
