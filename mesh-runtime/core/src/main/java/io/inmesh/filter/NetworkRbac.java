package io.inmesh.filter;

import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.RbacConfig;
import io.inmesh.config.RbacPolicy;
import io.inmesh.config.RbacRules;
import io.inmesh.config.UnsupportedFilter;
import io.inmesh.http.Connection;
import io.inmesh.match.RequestFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code envoy.filters.network.rbac}: whether a connection may be served at all (TCP chains; HTTP
 * ones where such filters stand in them).
 */
public final class NetworkRbac {
  private NetworkRbac() {}

  /**
   * Null when the connection may go on; else why not, as Envoy's connection termination details:
   * the connection is to be closed.
   */
  public static @Nullable String refusal(List<HttpFilterConfig> filters, Connection connection) {
    RequestFacts facts = RequestFacts.of(connection);
    for (HttpFilterConfig filter : filters) {
      String refusal = refusal(filter, facts);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  private static @Nullable String refusal(HttpFilterConfig filter, RequestFacts facts) {
    if (filter instanceof RbacConfig config) {
      RbacRules rules = config.rules();
      RbacPolicy matched = rules == null ? null : rules.match(facts);
      return rules == null || rules.allows(matched)
          ? null
          : RbacFilter.details(matched == null ? "none" : matched.name());
    }
    return filter instanceof UnsupportedFilter unsupported
        ? LocalReply.notEnforced(unsupported.why()).details()
        : "inmesh_not_enforced{" + filter.name() + "}";
  }
}
