package io.inmesh.http;

/** The HTTP version spoken on a connection. */
public enum Protocol {
  HTTP10("HTTP/1.0"),
  HTTP11("HTTP/1.1"),
  HTTP2("HTTP/2");

  private final String text;

  Protocol(String text) {
    this.text = text;
  }

  /** As Envoy's access log writes it ({@code %PROTOCOL%}). */
  @Override
  public String toString() {
    return text;
  }
}
