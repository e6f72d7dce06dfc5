package io.inmesh.config;

/**
 * The compiled configuration of one HTTP filter. One record for each kind of filter; the filter
 * package makes the code that acts on it (see {@code io.inmesh.filter.HttpFilters}).
 */
public interface HttpFilterConfig {
  /**
   * The name in the HTTP connection manager, e.g. {@code envoy.filters.http.rbac}; key of per-route
   * overrides.
   */
  String name();
}
