package io.inmesh.filter;

import io.inmesh.config.DisabledFilter;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.PerRouteFilter;

/**
 * A filter that is idle unless a route configures it; what the route asks for and nobody acts on is
 * refused.
 */
final class PerRouteOnly implements HttpFilter {
  private final PerRouteFilter config;

  PerRouteOnly(PerRouteFilter config) {
    this.config = config;
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public FilterStatus request(FilterCall call) {
    HttpFilterConfig here = call.config(config);
    return here instanceof PerRouteFilter || here instanceof DisabledFilter
        ? FilterStatus.CONTINUE
        : HttpFilters.create(here).request(call);
  }
}
