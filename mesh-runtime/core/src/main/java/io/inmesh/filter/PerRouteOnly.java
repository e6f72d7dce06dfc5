package io.inmesh.filter;

import io.inmesh.config.PerRouteFilter;
import io.inmesh.config.UnsupportedFilter;

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
    if (!(call.config(config) instanceof UnsupportedFilter here)) {
      return FilterStatus.CONTINUE;
    }
    call.reply(RefusingFilter.refusal(here.why()));
    call.policy(here.why().field());
    return FilterStatus.REPLY;
  }
}
