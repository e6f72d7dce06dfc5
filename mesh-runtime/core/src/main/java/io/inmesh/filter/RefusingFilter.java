package io.inmesh.filter;

import io.inmesh.config.UnsupportedFilter;

/** Stands for a filter that cannot be run: refuses every request, with the reason. */
final class RefusingFilter implements HttpFilter {
  private final UnsupportedFilter config;

  RefusingFilter(UnsupportedFilter config) {
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
    call.reply(LocalReply.notEnforced(here.why()));
    call.policy(here.why().field());
    return FilterStatus.REPLY;
  }
}
