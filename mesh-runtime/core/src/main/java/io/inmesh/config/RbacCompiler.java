package io.inmesh.config;

import com.google.protobuf.Message;
import io.inmesh.match.RequestMatcher;
import io.inmesh.match.RequestMatchers;
import io.inmesh.proto.envoy.config.rbac.v3.Permission;
import io.inmesh.proto.envoy.config.rbac.v3.Policy;
import io.inmesh.proto.envoy.config.rbac.v3.Principal;
import io.inmesh.proto.envoy.config.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the RBAC filters. A policy that is not understood whole denies what it may govern: a
 * DENY policy widens, an ALLOW policy never allows. A filter that is not understood ({@code
 * matcher}) becomes an {@link UnsupportedFilter} that refuses everything. Shadow rules that are not
 * understood are left out, since they decide nothing.
 */
public final class RbacCompiler {
  private RbacCompiler() {}

  /**
   * {@code envoy.filters.http.rbac}.
   *
   * @param resource the xDS resource, for messages
   * @throws ConfigException Envoy would refuse it too
   */
  public static HttpFilterConfig http(
      String resource,
      String name,
      io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC proto) {
    if (proto.hasMatcher() || unknownBeside(proto)) {
      return unsupported(resource, name, proto.hasMatcher() ? "matcher" : "unknown field");
    }
    RbacRules rules = proto.hasRules() ? rules(resource, proto.getRules(), false, true) : null;
    RbacRules shadow =
        proto.hasShadowRules() ? rules(resource, proto.getShadowRules(), false, false) : null;
    return new RbacConfig(name, rules, shadow, proto.getShadowRulesStatPrefix());
  }

  /** The override for a route; without {@code rbac} the filter does nothing there. */
  public static HttpFilterConfig perRoute(String resource, String name, RBACPerRoute proto) {
    if (!proto.hasRbac()) {
      return unknownBeside(proto)
          ? unsupported(resource, name, "unknown field")
          : new RbacConfig(name, null, null, "");
    }
    return ConfigException.field("rbac", proto.getRbac(), rbac -> http(resource, name, rbac));
  }

  /**
   * {@code envoy.filters.network.rbac}: judges connections.
   *
   * @throws ConfigException Envoy would refuse it too, as it does rules about headers here
   */
  public static HttpFilterConfig network(
      String resource,
      String name,
      io.inmesh.proto.envoy.extensions.filters.network.rbac.v3.RBAC proto) {
    if (proto.hasMatcher() || unknownBeside(proto)) {
      return unsupported(resource, name, proto.hasMatcher() ? "matcher" : "unknown field");
    }
    RbacRules rules = proto.hasRules() ? rules(resource, proto.getRules(), true, true) : null;
    RbacRules shadow =
        proto.hasShadowRules() ? rules(resource, proto.getShadowRules(), true, false) : null;
    return new RbacConfig(name, rules, shadow, proto.getShadowRulesStatPrefix());
  }

  private static RbacRules rules(String resource, RBAC proto, boolean network, boolean enforced) {
    String field = enforced ? "rules" : "shadow_rules";
    RbacRules.Action action =
        switch (proto.getAction()) {
          case ALLOW -> RbacRules.Action.ALLOW;
          case DENY -> RbacRules.Action.DENY;
          case LOG -> RbacRules.Action.LOG;
          case UNRECOGNIZED ->
              throw new ConfigException(
                  field + ".action", "unknown value " + proto.getActionValue());
        };
    List<RbacPolicy> policies = new ArrayList<>();
    for (Map.Entry<String, Policy> entry : new TreeMap<>(proto.getPoliciesMap()).entrySet()) {
      String place = field + ".policies[" + entry.getKey() + "]";
      try {
        RbacPolicy policy = policy(resource, place, entry.getKey(), entry.getValue(), network);
        if (enforced || policy.notYet() == null) {
          policies.add(policy);
        }
      } catch (ConfigException e) {
        throw e.in(place);
      }
    }
    return new RbacRules(action, policies);
  }

  private static RbacPolicy policy(
      String resource, String place, String name, Policy proto, boolean network) {
    if (network) {
      NetworkRbacCheck.check(proto);
    }
    ConfigException[] missing = new ConfigException[1];
    RequestMatcher permission =
        atLeast(
            missing,
            () ->
                RequestMatchers.oneOf(
                    RbacMatchers.notEmpty(
                        "permissions",
                        ConfigException.<Permission, RequestMatcher>each(
                            "permissions", proto.getPermissionsList(), RbacMatchers::permission))));
    RequestMatcher principal =
        atLeast(
            missing,
            () ->
                RequestMatchers.oneOf(
                    RbacMatchers.notEmpty(
                        "principals",
                        ConfigException.<Principal, RequestMatcher>each(
                            "principals", proto.getPrincipalsList(), RbacMatchers::principal))));
    if (proto.hasCondition() || proto.hasCheckedCondition()) {
      missing[0] = ConfigException.notYet("condition", "CEL expressions are not evaluated");
    }
    if (UnknownFields.in(proto)) {
      missing[0] = ConfigException.notYet("", "a field newer than this runtime");
      permission = RequestMatchers.any();
      principal = RequestMatchers.any();
    }
    NotYet notYet = missing[0] == null ? null : missing[0].in(place).toNotYet(resource, true);
    return new RbacPolicy(name, permission, principal, notYet);
  }

  /** What is not understood matches everything, and is noted. */
  private static RequestMatcher atLeast(
      @Nullable ConfigException[] missing, Supplier<RequestMatcher> compile) {
    try {
      return compile.get();
    } catch (ConfigException e) {
      if (!e.isNotYet()) {
        throw e;
      }
      missing[0] = e;
      return RequestMatchers.any();
    }
  }

  /** A field of the filter itself that is newer than this runtime: it may replace the rules. */
  private static boolean unknownBeside(Message proto) {
    return !proto.getUnknownFields().asMap().isEmpty();
  }

  private static UnsupportedFilter unsupported(String resource, String name, String field) {
    return new UnsupportedFilter(
        name, new NotYet(resource, name + "." + field, "not evaluated by this runtime", true));
  }
}
