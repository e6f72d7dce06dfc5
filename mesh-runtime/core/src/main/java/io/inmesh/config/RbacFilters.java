package io.inmesh.config;

/** {@code envoy.filters.http.rbac} and {@code envoy.filters.network.rbac}. */
final class RbacFilters {
  private RbacFilters() {}

  static HttpFilterConfig compile(String name, TypedConfig config, String place) {
    return HttpFilterCompilers.unsupported(name, place, config.type(), "not implemented", true);
  }

  static HttpFilterConfig perRoute(String name, TypedConfig config, String place) {
    return HttpFilterCompilers.unsupported(name, place, config.type(), "not implemented", true);
  }

  static HttpFilterConfig network(String name, TypedConfig config, String place) {
    return HttpFilterCompilers.unsupported(name, place, config.type(), "not implemented", true);
  }
}
