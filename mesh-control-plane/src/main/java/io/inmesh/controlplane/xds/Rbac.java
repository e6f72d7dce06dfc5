package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.inmesh.controlplane.config.AuthorizationPolicy;
import io.inmesh.controlplane.config.AuthorizationPolicy.Action;
import io.inmesh.controlplane.config.AuthorizationPolicy.Condition;
import io.inmesh.controlplane.config.AuthorizationPolicy.Operation;
import io.inmesh.controlplane.config.AuthorizationPolicy.Rule;
import io.inmesh.controlplane.config.AuthorizationPolicy.Source;
import io.inmesh.controlplane.config.AuthorizationPolicy.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * AuthorizationPolicies as RBAC rules, one set for each action in the order AUDIT, DENY, ALLOW. On
 * TCP ports an ALLOW rule with HTTP conditions is left out and in a DENY rule they are (so it
 * denies more), as istiod does.
 */
final class Rbac {
  private final List<AuthorizationPolicy> policies;

  Rbac(List<AuthorizationPolicy> policies) {
    this.policies = policies;
  }

  /** The rules in order, empty without policies. */
  List<RBAC> rules(boolean http) {
    List<RBAC> rules = new ArrayList<>();
    for (Action action : List.of(Action.AUDIT, Action.DENY, Action.ALLOW)) {
      RBAC.Builder rbac =
          RBAC.newBuilder()
              .setAction(RBAC.Action.valueOf(action == Action.AUDIT ? "LOG" : action.name()));
      boolean any = false;
      for (AuthorizationPolicy policy : policies) {
        if (policy.action() == action) {
          any = true;
          addPolicy(rbac, policy, http);
        }
      }
      if (any) {
        rules.add(rbac.build());
      }
    }
    return rules;
  }

  private static void addPolicy(RBAC.Builder rbac, AuthorizationPolicy policy, boolean http) {
    String prefix =
        "ns[" + policy.meta().namespace() + "]-policy[" + policy.meta().name() + "]-rule[";
    if (policy.rules().isEmpty()) {
      rbac.putPolicies(
          prefix + "0]",
          Policy.newBuilder()
              .addPermissions(
                  Permission.newBuilder().setNotRule(Permission.newBuilder().setAny(true)))
              .addPrincipals(Principal.newBuilder().setNotId(Principal.newBuilder().setAny(true)))
              .build());
    }
    for (int i = 0; i < policy.rules().size(); i++) {
      Policy built = rule(policy.rules().get(i), policy.action(), http);
      if (built != null) {
        rbac.putPolicies(prefix + i + "]", built);
      }
    }
  }

  private static @Nullable Policy rule(Rule rule, Action action, boolean http) {
    if (!http && action == Action.ALLOW && needsHttp(rule)) {
      return null;
    }
    Policy.Builder policy = Policy.newBuilder();
    List<Operation> operations = rule.to().isEmpty() ? List.of(anyOperation()) : rule.to();
    for (Operation operation : operations) {
      List<Permission> all = new ArrayList<>();
      if (http) {
        permissions(all, operation.hosts(), Rbac::host);
        permissions(all, operation.methods(), value -> header(":method", value, false));
        permissions(all, operation.paths(), Rbac::path);
      }
      permissions(all, operation.ports(), Rbac::port);
      for (Condition condition : rule.when()) {
        switch (condition.key()) {
          case "destination.ip" ->
              permissions(
                  all,
                  condition.values(),
                  value -> Permission.newBuilder().setDestinationIp(cidr(value)).build());
          case "destination.port" -> permissions(all, condition.values(), Rbac::port);
          case "connection.sni" ->
              permissions(
                  all,
                  condition.values(),
                  value ->
                      Permission.newBuilder()
                          .setRequestedServerName(wildcard(value, false))
                          .build());
          default -> {}
        }
      }
      if (all.isEmpty()) {
        all.add(Permission.newBuilder().setAny(true).build());
      }
      policy.addPermissions(
          Permission.newBuilder().setAndRules(Permission.Set.newBuilder().addAllRules(all)));
    }
    List<Source> sources = rule.from().isEmpty() ? List.of(anySource()) : rule.from();
    for (Source source : sources) {
      List<Principal> all = new ArrayList<>();
      principals(
          all,
          source.remoteIpBlocks(),
          value -> Principal.newBuilder().setRemoteIp(cidr(value)).build());
      principals(
          all,
          source.ipBlocks(),
          value -> Principal.newBuilder().setDirectRemoteIp(cidr(value)).build());
      principals(all, source.principals(), Rbac::principal);
      principals(all, source.serviceAccounts(), Rbac::account);
      principals(all, source.namespaces(), Rbac::namespace);
      for (Condition condition : rule.when()) {
        conditionPrincipals(all, condition, http);
      }
      if (all.isEmpty()) {
        all.add(Principal.newBuilder().setAny(true).build());
      }
      policy.addPrincipals(
          Principal.newBuilder().setAndIds(Principal.Set.newBuilder().addAllIds(all)));
    }
    return policy.build();
  }

  private static void conditionPrincipals(List<Principal> all, Condition condition, boolean http) {
    String key = condition.key();
    Function<String, Principal> one =
        switch (key) {
          case "source.ip" ->
              value -> Principal.newBuilder().setDirectRemoteIp(cidr(value)).build();
          case "remote.ip" -> value -> Principal.newBuilder().setRemoteIp(cidr(value)).build();
          case "source.namespace" -> Rbac::namespace;
          case "source.principal" -> Rbac::principal;
          case "source.serviceAccount" -> Rbac::account;
          default ->
              value ->
                  Principal.newBuilder()
                      .setHeader(
                          matcher(
                              key.substring("request.headers[".length(), key.length() - 1),
                              value,
                              false))
                      .build();
        };
    if (key.startsWith("request.headers[")
        ? http
        : key.startsWith("source.") || key.equals("remote.ip")) {
      principals(all, condition.values(), one);
    }
  }

  private static boolean needsHttp(Rule rule) {
    return rule.to().stream()
            .anyMatch(
                to -> !to.hosts().isEmpty() || !to.methods().isEmpty() || !to.paths().isEmpty())
        || rule.when().stream().anyMatch(when -> when.key().startsWith("request."));
  }

  private static Operation anyOperation() {
    Values none = new Values(List.of(), List.of());
    return new Operation(none, none, none, none);
  }

  private static Source anySource() {
    Values none = new Values(List.of(), List.of());
    return new Source(none, none, none, none, none);
  }

  private static void permissions(
      List<Permission> all, Values values, Function<String, Permission> one) {
    if (!values.in().isEmpty()) {
      all.add(or(values.in(), one));
    }
    if (!values.notIn().isEmpty()) {
      all.add(Permission.newBuilder().setNotRule(or(values.notIn(), one)).build());
    }
  }

  private static Permission or(List<String> values, Function<String, Permission> one) {
    return Permission.newBuilder()
        .setOrRules(Permission.Set.newBuilder().addAllRules(values.stream().map(one).toList()))
        .build();
  }

  private static void principals(
      List<Principal> all, Values values, Function<String, Principal> one) {
    if (!values.in().isEmpty()) {
      all.add(orIds(values.in(), one));
    }
    if (!values.notIn().isEmpty()) {
      all.add(Principal.newBuilder().setNotId(orIds(values.notIn(), one)).build());
    }
  }

  private static Principal orIds(List<String> values, Function<String, Principal> one) {
    return Principal.newBuilder()
        .setOrIds(Principal.Set.newBuilder().addAllIds(values.stream().map(one).toList()))
        .build();
  }

  private static Permission host(String value) {
    return header(":authority", value, true);
  }

  private static Permission header(String name, String value, boolean ignoreCase) {
    return Permission.newBuilder().setHeader(matcher(name, value, ignoreCase)).build();
  }

  private static HeaderMatcher matcher(String name, String value, boolean ignoreCase) {
    HeaderMatcher.Builder matcher = HeaderMatcher.newBuilder().setName(name);
    return value.equals("*")
        ? matcher.setPresentMatch(true).build()
        : matcher.setStringMatch(wildcard(value, ignoreCase)).build();
  }

  private static Permission path(String value) {
    return Permission.newBuilder()
        .setUrlPath(PathMatcher.newBuilder().setPath(wildcard(value, false)))
        .build();
  }

  private static Permission port(String value) {
    return Permission.newBuilder().setDestinationPort(Integer.parseInt(value)).build();
  }

  private static Principal principal(String value) {
    StringMatcher name;
    if (value.equals("*")) {
      name = StringMatcher.newBuilder().setSafeRegex(Protos.regex(".+")).build();
    } else if (value.startsWith("*")) {
      name =
          StringMatcher.newBuilder()
              .setSafeRegex(Protos.regex("spiffe://.*" + quote(value.substring(1))))
              .build();
    } else if (value.endsWith("*")) {
      name =
          StringMatcher.newBuilder()
              .setPrefix("spiffe://" + value.substring(0, value.length() - 1))
              .build();
    } else {
      name = StringMatcher.newBuilder().setExact("spiffe://" + value).build();
    }
    return authenticated(name);
  }

  private static Principal namespace(String value) {
    String pattern = quote(value).replace("\\*", ".*");
    return authenticated(
        StringMatcher.newBuilder().setSafeRegex(Protos.regex(".*/ns/" + pattern + "/.*")).build());
  }

  private static Principal account(String value) {
    int slash = value.indexOf('/');
    String namespace = slash < 0 ? "" : value.substring(0, slash);
    String name = value.substring(slash + 1);
    return authenticated(
        StringMatcher.newBuilder()
            .setSafeRegex(
                Protos.regex(
                    "spiffe://.+/ns/" + quote(namespace) + "/(.+/|)sa/" + quote(name) + "(/.+)?"))
            .build());
  }

  private static Principal authenticated(StringMatcher name) {
    return Principal.newBuilder()
        .setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name))
        .build();
  }

  private static StringMatcher wildcard(String value, boolean ignoreCase) {
    StringMatcher.Builder matcher = StringMatcher.newBuilder().setIgnoreCase(ignoreCase);
    if (value.equals("*")) {
      return StringMatcher.newBuilder().setSafeRegex(Protos.regex(".+")).build();
    }
    if (value.startsWith("*")) {
      return matcher.setSuffix(value.substring(1)).build();
    }
    return value.endsWith("*")
        ? matcher.setPrefix(value.substring(0, value.length() - 1)).build()
        : matcher.setExact(value).build();
  }

  /**
   * RE2 reads \Q..\E too, but istiod escapes single characters, and equal text is easier to
   * compare.
   */
  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder();
    for (char c : text.toCharArray()) {
      if ("\\.+*?()|[]{}^$".indexOf(c) >= 0) {
        quoted.append('\\');
      }
      quoted.append(c);
    }
    return quoted.toString();
  }

  private static CidrRange cidr(String value) {
    int slash = value.indexOf('/');
    return CidrRange.newBuilder()
        .setAddressPrefix(value.substring(0, slash))
        .setPrefixLen(Protos.uint(Integer.parseInt(value.substring(slash + 1))))
        .build();
  }
}
