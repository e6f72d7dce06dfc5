package io.inmesh.filter;

import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HeaderMutationConfig;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.UnsupportedFilter;
import io.inmesh.http.ResponseHead;

/**
 * {@code envoy.filters.http.header_mutation}: edits heads in its place among the filters. The route
 * stays the one that was found before.
 */
final class HeaderMutationFilter implements HttpFilter {
  private final HeaderMutationConfig own;

  HeaderMutationFilter(HeaderMutationConfig config) {
    this.own = config;
  }

  @Override
  public String name() {
    return own.name();
  }

  @Override
  public FilterStatus request(FilterCall call) {
    // asks for the route, so that it is found before anything changes
    HttpFilterConfig here = call.config(own);
    if (here instanceof UnsupportedFilter unsupported) {
      call.policy(unsupported.why().field());
      call.reply(LocalReply.notEnforced(unsupported.why()));
      return FilterStatus.REPLY;
    }
    if (here instanceof HeaderMutationConfig config) {
      config.request().apply(call.request().headers(), call.values());
    }
    return FilterStatus.CONTINUE;
  }

  @Override
  public boolean wantsResponse() {
    return own.response() != HeaderEdits.NONE;
  }

  @Override
  public void response(FilterCall call, ResponseHead head) {
    if (call.config(own) instanceof HeaderMutationConfig config) {
      config.response().apply(head.headers(), call.values());
    }
  }
}
