package io.inmesh.call;

import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.HttpManager;
import io.inmesh.filter.HttpFilter;
import io.inmesh.filter.HttpFilters;

/** The filters of one connection manager as code, made once for each manager. */
record FilterStack(HttpFilter[] filters, HttpFilterConfig[] configs, boolean wantsResponse) {

  static FilterStack of(HttpManager manager) {
    return manager.derived(FilterStack::make);
  }

  private static FilterStack make(HttpManager manager) {
    HttpFilterConfig[] configs = manager.filters().toArray(new HttpFilterConfig[0]);
    HttpFilter[] filters = new HttpFilter[configs.length];
    boolean wantsResponse = false;
    for (int i = 0; i < configs.length; i++) {
      filters[i] = HttpFilters.create(configs[i]);
      wantsResponse |= filters[i].wantsResponse();
    }
    return new FilterStack(filters, configs, wantsResponse);
  }
}
