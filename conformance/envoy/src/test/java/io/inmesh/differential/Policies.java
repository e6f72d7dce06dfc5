package io.inmesh.differential;

import com.google.protobuf.Any;
import io.inmesh.proto.envoy.config.common.mutation_rules.v3.HeaderMutation;
import io.inmesh.proto.envoy.config.core.v3.CidrRange;
import io.inmesh.proto.envoy.config.core.v3.TypedExtensionConfig;
import io.inmesh.proto.envoy.config.rbac.v3.Permission;
import io.inmesh.proto.envoy.config.rbac.v3.Policy;
import io.inmesh.proto.envoy.config.rbac.v3.Principal;
import io.inmesh.proto.envoy.config.rbac.v3.RBAC.Action;
import io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3.Mutations;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.inmesh.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.inmesh.proto.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.inmesh.proto.envoy.extensions.rbac.principals.mtls_authenticated.v3.Config;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.inmesh.proto.envoy.type.matcher.v3.PathMatcher;
import io.inmesh.proto.envoy.type.v3.Int32Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Generated HTTP filters: RBAC, header_mutation. */
final class Policies {
  private Policies() {}

  static Arbitrary<List<HttpFilter>> filters() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(List.<HttpFilter>of())),
                Tuple.of(3, rbac().list().ofSize(1)),
                Tuple.of(1, rbac().list().ofSize(2))),
            Gen.sometimes(headerMutation(), 5))
        .as(
            (policies, mutation) -> {
              List<HttpFilter> all = new ArrayList<>();
              for (int i = 0; i < policies.size(); i++) {
                all.add(policies.get(i).toBuilder().setName("rbac" + i).build());
              }
              all.addAll(mutation);
              return all;
            });
  }

  static Arbitrary<HttpFilter> headerMutation() {
    Arbitrary<List<HeaderMutation>> mutations =
        Arbitraries.oneOf(
                Edits.add().map(add -> HeaderMutation.newBuilder().setAppend(add).build()),
                Edits.remove().map(name -> HeaderMutation.newBuilder().setRemove(name).build()))
            .list()
            .ofMaxSize(2);
    return Combinators.combine(mutations, mutations)
        .as(
            (request, response) ->
                HttpFilter.newBuilder()
                    .setName("envoy.filters.http.header_mutation")
                    .setTypedConfig(
                        Protos.any(
                            io.inmesh.proto.envoy.extensions.filters.http.header_mutation.v3
                                .HeaderMutation.newBuilder()
                                .setMutations(
                                    Mutations.newBuilder()
                                        .addAllRequestMutations(request)
                                        .addAllResponseMutations(response))
                                .build()))
                    .build());
  }

  /** What a route or virtual host puts in place of a filter's own configuration. */
  static Arbitrary<Map<String, Any>> overrides() {
    Arbitrary<Map<String, Any>> none = Arbitraries.just(Map.of());
    Arbitrary<Map<String, Any>> rbac =
        Combinators.combine(rules(), Gen.seldom(3))
            .as(
                (rules, off) -> {
                  RBACPerRoute.Builder mine = RBACPerRoute.newBuilder();
                  if (!off) {
                    mine.getRbacBuilder().setRules(rules);
                  }
                  return Map.of("rbac0", Protos.any(mine.build()));
                });
    return Arbitraries.frequencyOf(Tuple.of(7, none), Tuple.of(1, rbac));
  }

  private static Arbitrary<HttpFilter> rbac() {
    return Arbitraries.frequencyOf(Tuple.of(1, rules()), Tuple.of(3, simpleRules()))
        .map(
            rules ->
                HttpFilter.newBuilder()
                    .setTypedConfig(Protos.any(RBAC.newBuilder().setRules(rules).build()))
                    .build());
  }

  private static Arbitrary<io.inmesh.proto.envoy.config.rbac.v3.RBAC> rules() {
    Arbitrary<Policy> policy =
        Combinators.combine(
                permission(2).list().ofMinSize(1).ofMaxSize(2),
                principal(2).list().ofMinSize(1).ofMaxSize(2))
            .as(
                (permissions, principals) ->
                    Policy.newBuilder()
                        .addAllPermissions(permissions)
                        .addAllPrincipals(principals)
                        .build());
    return Combinators.combine(
            Arbitraries.of(Action.ALLOW, Action.DENY), policy.list().ofMaxSize(2))
        .as(
            (action, policies) -> {
              io.inmesh.proto.envoy.config.rbac.v3.RBAC.Builder rules =
                  io.inmesh.proto.envoy.config.rbac.v3.RBAC.newBuilder().setAction(action);
              for (int i = 0; i < policies.size(); i++) {
                rules.putPolicies("p" + i, policies.get(i));
              }
              return rules.build();
            });
  }

  /** One policy, one matcher: the verdict is the matcher's. */
  private static Arbitrary<io.inmesh.proto.envoy.config.rbac.v3.RBAC> simpleRules() {
    Permission every = Permission.newBuilder().setAny(true).build();
    Principal everybody = Principal.newBuilder().setAny(true).build();
    Arbitrary<Policy> policy =
        Arbitraries.oneOf(
            Arbitraries.oneOf(permission(0), permission(1))
                .filter(is -> !is.getAny())
                .map(is -> Policy.newBuilder().addPermissions(is).addPrincipals(everybody).build()),
            Arbitraries.oneOf(principal(0), principal(1))
                .filter(is -> !is.getAny())
                .map(is -> Policy.newBuilder().addPermissions(every).addPrincipals(is).build()));
    return Combinators.combine(Arbitraries.of(Action.ALLOW, Action.DENY), policy)
        .as(
            (action, one) ->
                io.inmesh
                    .proto
                    .envoy
                    .config
                    .rbac
                    .v3
                    .RBAC
                    .newBuilder()
                    .setAction(action)
                    .putPolicies("p", one)
                    .build());
  }

  private static Arbitrary<Permission> permission(int depth) {
    Arbitrary<Permission> leaf =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.just(Permission.newBuilder().setAny(true).build())),
            Tuple.of(3, Matchers.header().map(is -> Permission.newBuilder().setHeader(is).build())),
            Tuple.of(
                4,
                Matchers.string(Words.configuredPath())
                    .map(
                        is ->
                            Permission.newBuilder()
                                .setUrlPath(PathMatcher.newBuilder().setPath(is))
                                .build())),
            Tuple.of(
                3,
                Arbitraries.of("/a/*", "/{one}/b", "/**", "/a")
                    .map(
                        template ->
                            Permission.newBuilder()
                                .setUriTemplate(
                                    TypedExtensionConfig.newBuilder()
                                        .setName("template")
                                        .setTypedConfig(
                                            Protos.any(
                                                UriTemplateMatchConfig.newBuilder()
                                                    .setPathTemplate(template)
                                                    .build())))
                                .build())),
            Tuple.of(
                2, cidr().map(range -> Permission.newBuilder().setDestinationIp(range).build())),
            Tuple.of(
                1,
                Matchers.string(Arbitraries.of(Peers.SNI, "shop", "other.test", ""))
                    .map(is -> Permission.newBuilder().setRequestedServerName(is).build())),
            Tuple.of(
                3,
                Arbitraries.of(EnvoySide.OWN_PORT, EnvoySide.OWN_PORT, 1)
                    .map(port -> Permission.newBuilder().setDestinationPort(port).build())),
            Tuple.of(
                1,
                Arbitraries.of(1, 1024)
                    .map(
                        port ->
                            Permission.newBuilder()
                                .setDestinationPortRange(
                                    Int32Range.newBuilder()
                                        .setStart(port)
                                        .setEnd(port == 1 ? 1024 : 65536))
                                .build())));
    if (depth == 0) {
      return leaf;
    }
    Arbitrary<Permission> inner = permission(depth - 1);
    Arbitrary<Permission.Set> set =
        inner
            .list()
            .ofMinSize(1)
            .ofMaxSize(2)
            .map(rules -> Permission.Set.newBuilder().addAllRules(rules).build());
    return Arbitraries.frequencyOf(
        Tuple.of(4, leaf),
        Tuple.of(1, inner.map(is -> Permission.newBuilder().setNotRule(is).build())),
        Tuple.of(1, set.map(is -> Permission.newBuilder().setAndRules(is).build())),
        Tuple.of(1, set.map(is -> Permission.newBuilder().setOrRules(is).build())));
  }

  @SuppressWarnings("deprecation")
  private static Arbitrary<Principal> principal(int depth) {
    Arbitrary<Principal> leaf =
        Arbitraries.frequencyOf(
            Tuple.of(8, Arbitraries.just(Principal.newBuilder().setAny(true).build())),
            Tuple.of(3, Matchers.header().map(is -> Principal.newBuilder().setHeader(is).build())),
            Tuple.of(
                2,
                Matchers.string(Words.configuredPath())
                    .map(
                        is ->
                            Principal.newBuilder()
                                .setUrlPath(PathMatcher.newBuilder().setPath(is))
                                .build())),
            Tuple.of(
                2, cidr().map(range -> Principal.newBuilder().setDirectRemoteIp(range).build())),
            Tuple.of(4, cidr().map(range -> Principal.newBuilder().setRemoteIp(range).build())),
            Tuple.of(2, cidr().map(range -> Principal.newBuilder().setSourceIp(range).build())),
            Tuple.of(
                8,
                Peers.matchers()
                    .map(
                        is ->
                            Principal.newBuilder()
                                .setAuthenticated(
                                    Principal.Authenticated.newBuilder().setPrincipalName(is))
                                .build())),
            Tuple.of(1, verified().map(is -> Principal.newBuilder().setCustom(is).build())),
            Tuple.of(
                1,
                Arbitraries.just(
                    Principal.newBuilder()
                        .setAuthenticated(Principal.Authenticated.getDefaultInstance())
                        .build())));
    if (depth == 0) {
      return leaf;
    }
    Arbitrary<Principal> inner = principal(depth - 1);
    Arbitrary<Principal.Set> set =
        inner
            .list()
            .ofMinSize(1)
            .ofMaxSize(2)
            .map(ids -> Principal.Set.newBuilder().addAllIds(ids).build());
    return Arbitraries.frequencyOf(
        Tuple.of(4, leaf),
        Tuple.of(1, inner.map(is -> Principal.newBuilder().setNotId(is).build())),
        Tuple.of(1, set.map(is -> Principal.newBuilder().setAndIds(is).build())),
        Tuple.of(1, set.map(is -> Principal.newBuilder().setOrIds(is).build())));
  }

  /** The newer way to ask for a certificate. */
  private static Arbitrary<TypedExtensionConfig> verified() {
    Arbitrary<Config> named =
        Combinators.combine(
                Matchers.string(Peers.names()),
                Arbitraries.of(
                    SubjectAltNameMatcher.SanType.URI, SubjectAltNameMatcher.SanType.DNS))
            .as(
                (is, type) ->
                    Config.newBuilder()
                        .setSanMatcher(
                            SubjectAltNameMatcher.newBuilder().setSanType(type).setMatcher(is))
                        .build());
    return Arbitraries.oneOf(
            named,
            Arbitraries.just(Config.newBuilder().setAnyValidatedClientCertificate(true).build()))
        .map(
            config ->
                TypedExtensionConfig.newBuilder()
                    .setName("envoy.rbac.principals.mtls_authenticated")
                    .setTypedConfig(Protos.any(config))
                    .build());
  }

  private static Arbitrary<CidrRange> cidr() {
    return Combinators.combine(
            Arbitraries.of("127.0.0.1", "127.0.0.1", "10.0.0.0", "127.0.0.0", "10.0.0.2", "::1"),
            Arbitraries.of(0, 8, 31, 32))
        .as(
            (address, length) -> {
              CidrRange.Builder range = CidrRange.newBuilder().setAddressPrefix(address);
              range.getPrefixLenBuilder().setValue(length);
              return range.build();
            });
  }
}
