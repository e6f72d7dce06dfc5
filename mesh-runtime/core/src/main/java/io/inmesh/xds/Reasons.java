package io.inmesh.xds;

import io.grpc.Status;

/** What a person reads of a gRPC status. */
final class Reasons {
  private Reasons() {}

  static String of(Status status) {
    if (status.isOk()) {
      return "the control plane ended the stream";
    }
    StringBuilder reason = new StringBuilder();
    reason.append(status.getDescription() == null ? "" : status.getDescription());
    // gRPC says "io exception"; who refused what is in the causes
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      if (message != null && reason.indexOf(message) < 0) {
        reason.append(reason.length() == 0 ? "" : ": ").append(message);
      }
    }
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      reason.append(" (is this a control plane, and has it the delta protocol?)");
    }
    return reason.length() == 0 ? status.getCode().name() : reason.toString();
  }
}
