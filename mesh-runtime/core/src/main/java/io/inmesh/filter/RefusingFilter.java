package io.inmesh.filter;

import io.inmesh.config.NotYet;
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
    call.reply(refusal(here.why()));
    call.policy(here.why().field());
    return FilterStatus.REPLY;
  }

  /**
   * 403 where it protects, else 503; the body names what is missing, the details are for the log.
   */
  static LocalReply refusal(NotYet why) {
    return LocalReply.of(
        why.security() ? 403 : 503,
        "inmesh: not enforced here: " + why.field(),
        "inmesh_not_enforced{" + why.toString().replace(' ', '_') + "}");
  }
}
