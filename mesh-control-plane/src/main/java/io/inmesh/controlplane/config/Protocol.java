package io.inmesh.controlplane.config;

/** What a port speaks. TLS and HTTPS are passed through as bytes. */
public enum Protocol {
  HTTP,
  HTTP2,
  GRPC,
  TCP,
  TLS,
  HTTPS;

  public boolean isHttp() {
    return this == HTTP || this == HTTP2 || this == GRPC;
  }

  public boolean isHttp2() {
    return this == HTTP2 || this == GRPC;
  }
}
