package io.inmesh.upstream;

/**
 * How an attempt failed without an answer from the host. Outlier detection counts each as a local
 * origin failure if {@code split_external_local_origin_errors}, else as the status beside it.
 */
public enum Failure {
  /** Connection refused, unreachable, or broken while it was opened. */
  CONNECT(503),
  /** {@code connect_timeout}. */
  CONNECT_TIMEOUT(503),
  /** Handshake failed, or the peer is not who it should be. */
  TLS(503),
  /** Stream reset or connection closed after connecting, before or in the response. */
  RESET(503),
  /** Route or per-try time-out before the response head. */
  TIMEOUT(504);

  private final int status;

  Failure(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }
}
