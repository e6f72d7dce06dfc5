package io.inmesh.config;

/**
 * Which listener a call of the application meets. Immutable, thread-safe, flat in the number of
 * listeners.
 */
public interface OutboundTable {
  /**
   * For a plaintext HTTP call: the listener {@code 0.0.0.0_port}; else the one of the host's
   * address; else {@code virtualOutbound} (PassthroughCluster or BlackHoleCluster).
   *
   * @param host as the application wrote it, without port; a name or an IP address
   */
  OutboundTarget http(String host, int port);

  /**
   * For a call with the application's own TLS, and for anything that is not HTTP: chosen by SNI and
   * address.
   */
  OutboundTarget tcp(String host, int port);
}
