package io.inmesh.filter;

import io.inmesh.config.DisabledFilter;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.NotYet;
import io.inmesh.config.RbacConfig;
import io.inmesh.config.RbacPolicy;
import io.inmesh.config.RbacRules;
import io.inmesh.config.UnsupportedFilter;
import io.inmesh.match.RequestFacts;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code envoy.filters.http.rbac}: 403 {@code RBAC: access denied} where the policies say so.
 * Judged anew for each request, so that a changed policy holds from the next one on every
 * connection. Shadow rules are judged and logged, no more.
 */
final class RbacFilter implements HttpFilter {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.rbac");
  private static final String BODY = "RBAC: access denied";

  /** Its result steers ext_authz; it is no dry run. */
  private static final String EXT_AUTHZ = "istio_ext_authz_";

  private final RbacConfig own;

  RbacFilter(RbacConfig config) {
    this.own = config;
  }

  @Override
  public String name() {
    return own.name();
  }

  @Override
  public FilterStatus request(FilterCall call) {
    HttpFilterConfig here = call.config(own);
    if (here instanceof UnsupportedFilter unsupported) {
      call.policy(unsupported.why().field());
      call.reply(LocalReply.notEnforced(unsupported.why()));
      return FilterStatus.REPLY;
    }
    if (here instanceof DisabledFilter) {
      return FilterStatus.CONTINUE;
    }
    RbacConfig config = here instanceof RbacConfig rbac ? rbac : own;
    RequestFacts facts = new CallFacts(call);
    shadow(call, config, facts);
    RbacRules rules = config.rules();
    if (rules == null) {
      return FilterStatus.CONTINUE;
    }
    RbacPolicy matched = rules.match(facts);
    boolean allowed = rules.allows(matched);
    call.judged("", false, allowed);
    if (allowed) {
      if (matched != null && rules.action() == RbacRules.Action.ALLOW) {
        call.policy(matched.name());
      }
      return FilterStatus.CONTINUE;
    }
    NotYet notYet = matched == null ? rules.notYet(facts) : matched.notYet();
    deny(call, matched, notYet);
    return FilterStatus.REPLY;
  }

  private static void deny(FilterCall call, @Nullable RbacPolicy matched, @Nullable NotYet notYet) {
    String policy = matched == null ? "none" : matched.name();
    call.policy(policy);
    call.reply(LocalReply.of(403, BODY, details(policy)));
    if (notYet != null) {
      log.atWarn()
          .addKeyValue("policy", policy)
          .addKeyValue("resource", notYet.resource())
          .addKeyValue("field", notYet.field())
          .log("request denied because its policy cannot be enforced here: {}", notYet.reason());
    } else {
      log.atDebug()
          .addKeyValue("policy", policy)
          .addKeyValue("peer", call.connection().peer())
          .addKeyValue("request", call.request())
          .log("request denied");
    }
  }

  private static void shadow(FilterCall call, RbacConfig config, RequestFacts facts) {
    RbacRules shadow = config.shadow();
    boolean asked = call.watched() || log.isInfoEnabled();
    if (shadow == null || !asked || config.shadowPrefix().equals(EXT_AUTHZ)) {
      return;
    }
    RbacPolicy matched = shadow.match(facts);
    boolean allowed = shadow.allows(matched);
    call.judged(config.shadowPrefix(), true, allowed);
    if (!allowed) {
      log.atInfo()
          .addKeyValue("policy", matched == null ? "none" : matched.name())
          .addKeyValue("peer", call.connection().peer())
          .addKeyValue("request", call.request())
          .log("dry run: this request would be denied");
    }
  }

  /** White space would break the columns of an access log. */
  static String details(String policy) {
    StringBuilder details = new StringBuilder("rbac_access_denied_matched_policy[");
    for (int i = 0; i < policy.length(); i++) {
      char c = policy.charAt(i);
      details.append(c == ' ' || c >= '\t' && c <= '\r' ? '_' : c);
    }
    return details.append(']').toString();
  }
}
