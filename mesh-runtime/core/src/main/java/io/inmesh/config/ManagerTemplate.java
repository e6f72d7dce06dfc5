package io.inmesh.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled connection manager that has yet to get its routes.
 *
 * @param rdsName route configuration to ask for; null: {@code inline} has the routes
 */
record ManagerTemplate(
    String listener,
    boolean inbound,
    @Nullable String rdsName,
    @Nullable CompiledRouteTable inline,
    List<HttpFilterConfig> filters,
    HttpOptions options,
    ManagerTelemetry telemetry) {

  HttpManager with(RouteTable routes) {
    return new HttpManager(listener, inbound, routes, filters, options, telemetry);
  }
}
