package io.inmesh.config;

import org.jspecify.annotations.Nullable;

/** Filters that istiod puts everywhere and that act where a route configures them. */
final class PerRouteFilters {
  private PerRouteFilters() {}

  /** Without a field set they do nothing; with one, what it asks for is not implemented yet. */
  static @Nullable HttpFilterConfig compile(String name, TypedConfig config, String place) {
    return config.value().isEmpty()
        ? new PerRouteFilter(name)
        : HttpFilterCompilers.unsupported(name, place, config.type(), "not implemented", false);
  }
}
