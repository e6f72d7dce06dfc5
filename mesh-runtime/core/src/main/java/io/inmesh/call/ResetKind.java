package io.inmesh.call;

import io.inmesh.http.ResponseFlag;

/**
 * How an attempt failed without a response, in the words and with the flag that Envoy has for it.
 */
public enum ResetKind {
  CONNECT_FAILURE("remote connection failure", ResponseFlag.UPSTREAM_CONNECTION_FAILURE),
  CONNECT_TIMEOUT("connection timeout", ResponseFlag.UPSTREAM_CONNECTION_FAILURE),
  /** The handshake failed, or the peer is not who it should be: nothing was sent. */
  TLS_FAILURE("remote connection failure", ResponseFlag.UPSTREAM_CONNECTION_FAILURE),
  CONNECTION_TERMINATION("connection termination", ResponseFlag.UPSTREAM_CONNECTION_TERMINATION),
  REMOTE_RESET("remote reset", ResponseFlag.UPSTREAM_REMOTE_RESET),
  REFUSED_STREAM("remote refused stream reset", ResponseFlag.UPSTREAM_REMOTE_RESET),
  LOCAL_RESET("local reset", ResponseFlag.LOCAL_RESET),
  PROTOCOL_ERROR("protocol error", ResponseFlag.UPSTREAM_PROTOCOL_ERROR),
  OVERFLOW("overflow", ResponseFlag.UPSTREAM_OVERFLOW);

  private final String text;
  private final ResponseFlag flag;

  ResetKind(String text, ResponseFlag flag) {
    this.text = text;
    this.flag = flag;
  }

  /** As it stands in Envoy's response body. */
  public String text() {
    return text;
  }

  public ResponseFlag flag() {
    return flag;
  }

  /** No byte of the request reached the application behind the host. */
  public boolean beforeRequest() {
    return this == CONNECT_FAILURE
        || this == CONNECT_TIMEOUT
        || this == TLS_FAILURE
        || this == OVERFLOW;
  }
}
