package io.inmesh.differential;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.inmesh.proto.envoy.config.rbac.v3.Permission;
import io.inmesh.proto.envoy.config.rbac.v3.Policy;
import io.inmesh.proto.envoy.config.rbac.v3.Principal;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What each single matcher of Envoy said, as far as its answer tells. The chosen route matched with
 * every matcher; a route before it in the same virtual host did not, and when it has one matcher,
 * that one said no. A policy in force likewise, where it is the only one or none matched.
 */
final class MatcherCoverage {
  private static final List<String> MATCHERS =
      List.of(
          "envoy.config.route.v3.RouteMatch.",
          "envoy.config.route.v3.HeaderMatcher.",
          "envoy.config.route.v3.QueryParameterMatcher.",
          "envoy.config.rbac.v3.Permission.",
          "envoy.config.rbac.v3.Principal.",
          "envoy.config.core.v3.CidrRange.",
          "envoy.config.core.v3.RuntimeFractionalPercent.",
          "envoy.extensions.path.match.",
          "envoy.extensions.rbac.principals.",
          "envoy.type.matcher.v3.",
          "envoy.type.v3.FractionalPercent.",
          "envoy.type.v3.Int32Range.",
          "envoy.type.v3.Int64Range.");
  private static final String SUBSTITUTION = "envoy.type.matcher.v3.RegexMatchAndSubstitute";
  private static final String DENIED = "rbac_access_denied_matched_policy[";
  private static final String ROUTE = RouteMatch.getDescriptor().getFullName() + ".";
  private static final String PERMISSION = Permission.getDescriptor().getFullName() + ".";
  private static final String PRINCIPAL = Principal.getDescriptor().getFullName() + ".";

  private static final Map<String, Boolean> JUDGES = new ConcurrentHashMap<>();

  private final BiConsumer<Set<String>, Boolean> said;

  /** Of the present scenario, whose requests come one after the other. */
  private final Map<Object, Object> known = new IdentityHashMap<>();

  private @Nullable Object scenario;

  /**
   * @param said is told the fields of a matcher and whether it matched
   */
  MatcherCoverage(BiConsumer<Set<String>, Boolean> said) {
    this.said = said;
  }

  /** Fields whose two outcomes are those of a matcher. */
  static boolean judges(String field) {
    return JUDGES.computeIfAbsent(field, MatcherCoverage::isOfMatcher);
  }

  private static boolean isOfMatcher(String field) {
    return MATCHERS.stream().anyMatch(field::startsWith) && !field.startsWith(SUBSTITUTION);
  }

  void add(Scenario scenario, Answer envoy) {
    if (this.scenario != scenario) {
      this.scenario = scenario;
      known.clear();
    }
    RouteConfiguration routes = scenario.manager().getRouteConfig();
    for (VirtualHost host : routes.getVirtualHostsList()) {
      for (int i = 0; i < host.getRoutesCount(); i++) {
        if (host.getRoutes(i).getName().equals(envoy.route())) {
          chosen(host.getRoutesList(), i);
          policies(scenario, envoy, routes, host, host.getRoutes(i));
          return;
        }
      }
    }
    if (envoy.details().equals("route_not_found")) {
      if (routes.getVirtualHostsCount() == 1
          && routes.getVirtualHosts(0).getDomainsList().contains("*")) {
        routes.getVirtualHosts(0).getRoutesList().forEach(this::skipped);
      }
      policies(scenario, envoy, null, null, null);
    }
  }

  private void chosen(List<Route> routes, int chosen) {
    routes.subList(0, chosen).forEach(this::skipped);
    known(routes.get(chosen).getMatch()).forEach(fields -> said.accept(fields, true));
  }

  private void skipped(Route route) {
    List<Set<String>> conditions = known(route.getMatch());
    if (conditions.size() == 1) {
      said.accept(conditions.get(0), false);
    }
  }

  @SuppressWarnings("unchecked")
  private List<Set<String>> known(RouteMatch match) {
    return (List<Set<String>>) known.computeIfAbsent(match, m -> conditions(match));
  }

  @SuppressWarnings("unchecked")
  private Set<String> knownFields(Message matcher) {
    return (Set<String>) known.computeIfAbsent(matcher, m -> fields(matcher));
  }

  /** The fields of each matcher; the prefix {@code /} is none. */
  private static List<Set<String>> conditions(RouteMatch match) {
    List<Set<String>> all = new ArrayList<>();
    RouteMatch path =
        match.toBuilder().clearHeaders().clearQueryParameters().clearRuntimeFraction().build();
    if (!match.getPrefix().equals("/")) {
      all.add(fields(path));
    }
    match.getHeadersList().forEach(one -> all.add(with(ROUTE + "headers", fields(one))));
    match
        .getQueryParametersList()
        .forEach(one -> all.add(with(ROUTE + "query_parameters", fields(one))));
    if (match.hasRuntimeFraction()) {
      all.add(with(ROUTE + "runtime_fraction", fields(match.getRuntimeFraction())));
    }
    return all;
  }

  private static Set<String> fields(Message message) {
    Set<String> found = new HashSet<>();
    Coverage.walk(message, found);
    return found;
  }

  private static Set<String> with(String field, Set<String> fields) {
    fields.add(field);
    return fields;
  }

  // ---- policies

  private void policies(
      Scenario scenario,
      Answer envoy,
      @Nullable RouteConfiguration routes,
      @Nullable VirtualHost host,
      @Nullable Route route) {
    List<io.inmesh.proto.envoy.config.rbac.v3.RBAC> inForce = new ArrayList<>();
    for (HttpFilter filter : scenario.manager().getHttpFiltersList()) {
      if (filter.getName().startsWith("rbac")) {
        RBACPerRoute override = override(filter.getName(), routes, host, route);
        if (override == null) {
          inForce.add(parsed(filter.getTypedConfig(), RBAC.getDefaultInstance()).getRules());
        } else if (override.hasRbac()) {
          inForce.add(override.getRbac().getRules());
        }
      }
    }
    if (envoy.details().startsWith(DENIED)) {
      if (inForce.size() == 1) {
        String name = envoy.details().substring(DENIED.length(), envoy.details().indexOf(']'));
        denied(inForce.get(0), name);
      }
    } else if (envoy.details().equals("via_upstream")
        || envoy.details().equals("direct_response")
        || envoy.details().equals("route_not_found")) {
      inForce.forEach(this::allowed);
    }
  }

  private void denied(io.inmesh.proto.envoy.config.rbac.v3.RBAC rules, String name) {
    Policy matched = rules.getPoliciesMap().get(name);
    if (matched != null) {
      policy(matched, true);
    } else {
      rules.getPoliciesMap().values().forEach(one -> policy(one, false));
    }
  }

  private void allowed(io.inmesh.proto.envoy.config.rbac.v3.RBAC rules) {
    if (rules.getAction() == io.inmesh.proto.envoy.config.rbac.v3.RBAC.Action.DENY) {
      rules.getPoliciesMap().values().forEach(one -> policy(one, false));
    } else if (rules.getPoliciesCount() == 1) {
      rules.getPoliciesMap().values().forEach(one -> policy(one, true));
    }
  }

  private void policy(Policy policy, boolean matched) {
    List<Permission> permissions = policy.getPermissionsList();
    List<Principal> principals = policy.getPrincipalsList();
    boolean everything = permissions.stream().anyMatch(Permission::getAny);
    boolean everybody = principals.stream().anyMatch(Principal::getAny);
    if (matched ? permissions.size() == 1 : everybody) {
      permissions.forEach(one -> permission(one, matched));
    }
    if (matched ? principals.size() == 1 : everything) {
      principals.forEach(one -> principal(one, matched));
    }
  }

  private void permission(Permission rule, boolean matched) {
    switch (rule.getRuleCase()) {
      case AND_RULES -> {
        said.accept(Set.of(PERMISSION + "and_rules", PERMISSION + "Set.rules"), matched);
        if (matched || rule.getAndRules().getRulesCount() == 1) {
          rule.getAndRules().getRulesList().forEach(one -> permission(one, matched));
        }
      }
      case OR_RULES -> {
        said.accept(Set.of(PERMISSION + "or_rules", PERMISSION + "Set.rules"), matched);
        if (!matched || rule.getOrRules().getRulesCount() == 1) {
          rule.getOrRules().getRulesList().forEach(one -> permission(one, matched));
        }
      }
      case NOT_RULE -> {
        said.accept(Set.of(PERMISSION + "not_rule"), matched);
        permission(rule.getNotRule(), !matched);
      }
      default -> said.accept(knownFields(rule), matched);
    }
  }

  private void principal(Principal id, boolean matched) {
    switch (id.getIdentifierCase()) {
      case AND_IDS -> {
        said.accept(Set.of(PRINCIPAL + "and_ids", PRINCIPAL + "Set.ids"), matched);
        if (matched || id.getAndIds().getIdsCount() == 1) {
          id.getAndIds().getIdsList().forEach(one -> principal(one, matched));
        }
      }
      case OR_IDS -> {
        said.accept(Set.of(PRINCIPAL + "or_ids", PRINCIPAL + "Set.ids"), matched);
        if (!matched || id.getOrIds().getIdsCount() == 1) {
          id.getOrIds().getIdsList().forEach(one -> principal(one, matched));
        }
      }
      case NOT_ID -> {
        said.accept(Set.of(PRINCIPAL + "not_id"), matched);
        principal(id.getNotId(), !matched);
      }
      default -> said.accept(knownFields(id), matched);
    }
  }

  private @Nullable RBACPerRoute override(
      String filter,
      @Nullable RouteConfiguration routes,
      @Nullable VirtualHost host,
      @Nullable Route route) {
    if (routes == null || host == null || route == null) {
      return null;
    }
    for (Map<String, Any> level :
        List.of(
            route.getTypedPerFilterConfigMap(),
            host.getTypedPerFilterConfigMap(),
            routes.getTypedPerFilterConfigMap())) {
      if (level.containsKey(filter)) {
        return parsed(level.get(filter), RBACPerRoute.getDefaultInstance());
      }
    }
    return null;
  }

  @SuppressWarnings("unchecked")
  private <T extends Message> T parsed(@Nullable Any any, T type) {
    return any == null ? type : (T) known.computeIfAbsent(any, a -> parse(any, type));
  }

  private static Message parse(Any any, Message type) {
    try {
      return (Message) type.getParserForType().parseFrom(any.getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
