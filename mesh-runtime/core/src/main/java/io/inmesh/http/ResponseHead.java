package io.inmesh.http;

/**
 * A response without its body. Mutable (filters and routes edit it), owned by one call, not
 * thread-safe.
 */
public final class ResponseHead {
  private int status;
  private final Headers headers;

  public ResponseHead(int status, Headers headers) {
    this.status = status;
    this.headers = headers;
  }

  public int status() {
    return status;
  }

  public void status(int value) {
    status = value;
  }

  public Headers headers() {
    return headers;
  }

  @Override
  public String toString() {
    return status + " " + headers;
  }
}
