package io.inmesh.config;

import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code RouteConfiguration}. Immutable, thread-safe; cost does not grow with the number
 * of virtual hosts.
 */
public interface RouteTable {
  /** Name of the route configuration: {@code 8080}, {@code inbound|18080||}. */
  String name();

  /**
   * The virtual host for an authority: exact, then longest suffix wildcard, then longest prefix
   * wildcard, then {@code *}; case is ignored, the port too where {@code
   * ignore_port_in_host_matching} says so.
   */
  @Nullable VirtualHost find(String authority);
}
