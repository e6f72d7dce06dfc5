package io.inmesh.config;

/** Where a call of the application to {@code host:port} goes, by the listeners. */
public sealed interface OutboundTarget {
  /** Through an HTTP connection manager. */
  record Http(HttpManager manager) implements OutboundTarget {}

  /** Through a TCP proxy: bytes as they are, to that cluster (or a weighted one). */
  record Tcp(String listener, String cluster) implements OutboundTarget {}

  /** Valid for Envoy, not enforced here. */
  record Unsupported(NotYet why) implements OutboundTarget {}
}
