package io.inmesh.config;

import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;

/** {@code envoy.filters.http.rbac} and {@code envoy.filters.network.rbac}. */
final class RbacFilters {
  private RbacFilters() {}

  static HttpFilterConfig compile(String name, TypedConfig config, String place) {
    return RbacCompiler.http(place, name, config.as(RBAC.parser()));
  }

  static HttpFilterConfig perRoute(String name, TypedConfig config, String place) {
    return RbacCompiler.perRoute(place, name, config.as(RBACPerRoute.parser()));
  }

  static HttpFilterConfig network(String name, TypedConfig config, String place) {
    return RbacCompiler.network(
        place,
        name,
        config.as(io.inmesh.proto.envoy.extensions.filters.network.rbac.v3.RBAC.parser()));
  }
}
