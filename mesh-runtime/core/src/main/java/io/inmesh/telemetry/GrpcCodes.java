package io.inmesh.telemetry;

/** Names of gRPC's status codes, as Envoy's access log writes them. */
final class GrpcCodes {
  private static final String[] SNAKE = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED"
  };
  private static final String[] CAMEL = {
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated"
  };

  private GrpcCodes() {}

  /**
   * @param format {@code CAMEL_STRING} (the default), {@code SNAKE_STRING} or {@code NUMBER}
   */
  static String name(int status, String format) {
    if (format.equals("NUMBER") || status < 0 || status >= CAMEL.length) {
      return Integer.toString(status);
    }
    return format.equals("SNAKE_STRING") ? SNAKE[status] : CAMEL[status];
  }
}
