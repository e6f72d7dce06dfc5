package io.inmesh.config;

import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;

/** Brings the bytes of {@code envoy.filters.http.rbac} and its network twin to their compiler. */
final class RbacFilters {
  private RbacFilters() {}

  static HttpFilterConfig compile(String name, TypedConfig config, String place) {
    return RbacCompiler.http(place, name, config.as(RBAC.parser()));
  }

  static HttpFilterConfig perRoute(String name, TypedConfig config, String place) {
    return RbacCompiler.perRoute(place, name, config.as(RBACPerRoute.parser()));
  }

  static HttpFilterConfig network(String name, TypedConfig config, String place) {
    if (config.struct() != null) {
      return HttpFilterCompilers.unsupported(
          name, place, config.type(), "inside a TypedStruct it is not read", true);
    }
    return RbacCompiler.network(
        place,
        name,
        config.as(io.inmesh.proto.envoy.extensions.filters.network.rbac.v3.RBAC.parser()));
  }
}
