package io.inmesh.differential;

import com.google.protobuf.BoolValue;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import io.inmesh.proto.envoy.extensions.filters.http.router.v3.Router;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Whole generated scenarios: a connection manager with its routes, and the requests. */
final class Scenarios {
  private static final String[] DOMAINS = {
    "*",
    "shop.example",
    "shop.example:8080",
    "*.example",
    "*.shop.example",
    "shop.*",
    "api.*",
    "shop.internal",
    "*p.example",
    "[fd00::1]:8080",
    "10.1.2.3:8080",
    "SHOP.internal:65535",
    "other.test"
  };

  private Scenarios() {}

  static Arbitrary<Scenario> any(int requests) {
    return Arbitraries.frequencyOf(
        Tuple.of(5, scenario(false, false, requests)),
        Tuple.of(1, scenario(false, true, requests)),
        Tuple.of(4, scenario(true, false, requests)));
  }

  static Arbitrary<Scenario> scenario(boolean inbound, boolean timed, int requests) {
    return Combinators.combine(
            manager(inbound, timed),
            inbound ? Peers.any() : Arbitraries.just(Peers.PLAINTEXT),
            Requests.any(timed).list().ofSize(requests))
        .as((manager, peer, asked) -> new Scenario(inbound, peer, manager, asked));
  }

  static Arbitrary<HttpConnectionManager> manager(boolean inbound, boolean timed) {
    return Combinators.combine(
            routes(inbound, timed),
            Gen.few(option(), 3),
            Gen.seldom(5),
            inbound
                ? Policies.filters()
                : Policies.headerMutation()
                    .map(List::of)
                    .optional()
                    .map(one -> one.orElse(List.of())))
        .as(
            (routes, options, untraced, filters) -> {
              HttpConnectionManager.Builder manager =
                  HttpConnectionManager.newBuilder().setRouteConfig(routes);
              options.forEach(option -> option.accept(manager));
              if (!untraced) {
                manager.setTracing(HttpConnectionManager.Tracing.getDefaultInstance());
              }
              manager.addAllHttpFilters(filters).addHttpFilters(router());
              return manager.build();
            });
  }

  static HttpFilter router() {
    return HttpFilter.newBuilder()
        .setName("envoy.filters.http.router")
        .setTypedConfig(Protos.any(Router.getDefaultInstance()))
        .build();
  }

  private static Arbitrary<Consumer<HttpConnectionManager.Builder>> option() {
    return Arbitraries.oneOf(
        List.of(
            Arbitraries.of(true, true, false)
                .map(on -> m -> m.getNormalizePathBuilder().setValue(on)),
            Arbitraries.of(true, true, false).map(on -> m -> m.setMergeSlashes(on)),
            Arbitraries.of(
                    PathWithEscapedSlashesAction.KEEP_UNCHANGED,
                    PathWithEscapedSlashesAction.REJECT_REQUEST,
                    PathWithEscapedSlashesAction.UNESCAPE_AND_REDIRECT,
                    PathWithEscapedSlashesAction.UNESCAPE_AND_FORWARD)
                .map(action -> m -> m.setPathWithEscapedSlashesAction(action)),
            Arbitraries.of(
                    ServerHeaderTransformation.OVERWRITE, ServerHeaderTransformation.PASS_THROUGH)
                .map(how -> m -> m.setServerHeaderTransformation(how)),
            Arbitraries.of("istio-envoy", "").map(name -> m -> m.setServerName(name)),
            Arbitraries.of(true, false)
                .map(on -> m -> m.getGenerateRequestIdBuilder().setValue(on)),
            Arbitraries.of(ForwardClientCertDetails.values())
                .filter(how -> how != ForwardClientCertDetails.UNRECOGNIZED)
                .map(
                    how ->
                        m -> {
                          m.setForwardClientCertDetails(how);
                          m.getSetCurrentClientCertDetailsBuilder()
                              .setSubject(BoolValue.of(true))
                              .setUri(true)
                              .setDns(true);
                        }),
            Arbitraries.of(2, 4, 60)
                .map(kb -> m -> m.getMaxRequestHeadersKbBuilder().setValue(kb))));
  }

  private static Arbitrary<RouteConfiguration> routes(boolean inbound, boolean timed) {
    Arbitrary<List<Set<String>>> domains =
        Arbitraries.of(DOMAINS)
            .list()
            .ofMinSize(1)
            .ofMaxSize(4)
            .list()
            .ofMinSize(1)
            .ofMaxSize(3)
            .map(Scenarios::distinct);
    return Combinators.combine(
            domains,
            host(inbound, timed).list().ofSize(3),
            Gen.few(Edits.add(), 1),
            Gen.few(Edits.remove(), 1),
            Gen.few(Edits.add(), 1),
            Gen.few(Edits.remove(), 1),
            Combinators.combine(
                    Gen.seldom(4),
                    Gen.seldom(4),
                    Gen.sometimes(Routes.mirror(), 8),
                    Policies.overrides())
                .as(Tuple::of))
        .as(
            (names, hosts, add, remove, addBack, removeBack, more) -> {
              RouteConfiguration.Builder routes =
                  RouteConfiguration.newBuilder()
                      .setName("routes")
                      .addAllRequestHeadersToAdd(add)
                      .addAllRequestHeadersToRemove(remove)
                      .addAllResponseHeadersToAdd(addBack)
                      .addAllResponseHeadersToRemove(removeBack)
                      .setMostSpecificHeaderMutationsWins(more.get1())
                      .setIgnorePortInHostMatching(more.get2())
                      .addAllRequestMirrorPolicies(inbound ? List.of() : more.get3())
                      .putAllTypedPerFilterConfig(more.get4());
              routes.getValidateClustersBuilder().setValue(false);
              for (int i = 0; i < names.size(); i++) {
                routes.addVirtualHosts(named(hosts.get(i), "h" + i, names.get(i)));
              }
              return routes.build();
            });
  }

  /** No domain twice, as Envoy wants it; names are one whatever their case. */
  private static List<Set<String>> distinct(List<List<String>> domains) {
    Set<String> seen = new java.util.HashSet<>();
    List<Set<String>> kept = new ArrayList<>();
    for (List<String> some : domains) {
      Set<String> mine = new LinkedHashSet<>();
      for (String domain : some) {
        if (seen.add(domain.toLowerCase(java.util.Locale.ROOT))) {
          mine.add(domain);
        }
      }
      if (!mine.isEmpty()) {
        kept.add(mine);
      }
    }
    return kept;
  }

  private static VirtualHost named(VirtualHost host, String name, Set<String> domains) {
    VirtualHost.Builder named = host.toBuilder().setName(name).addAllDomains(domains);
    for (int i = 0; i < named.getRoutesCount(); i++) {
      named.getRoutesBuilder(i).setName(name + "-r" + i);
    }
    return named.build();
  }

  private static Arbitrary<VirtualHost> host(boolean inbound, boolean timed) {
    Arbitrary<List<Route>> routes = Routes.route(inbound, timed).list().ofMinSize(1).ofMaxSize(5);
    return Combinators.combine(
            routes,
            Gen.few(Edits.add(), 1),
            Gen.few(Edits.remove(), 1),
            Gen.few(Edits.add(), 1),
            Gen.few(Edits.remove(), 1),
            Gen.seldom(3),
            Gen.sometimes(
                Combinators.combine(
                        Routes.retry(timed),
                        Gen.sometimes(Routes.mirror(), 3),
                        Gen.sometimes(Routes.hedge(), 3))
                    .as(Tuple::of),
                3),
            Policies.overrides())
        .as(
            (all, add, remove, addBack, removeBack, count, more, overrides) -> {
              VirtualHost.Builder host =
                  VirtualHost.newBuilder()
                      .addAllRoutes(all)
                      .addAllRequestHeadersToAdd(add)
                      .addAllRequestHeadersToRemove(remove)
                      .addAllResponseHeadersToAdd(addBack)
                      .addAllResponseHeadersToRemove(removeBack)
                      .setIncludeRequestAttemptCount(count);
              if (!inbound) {
                more.forEach(tuple -> host.setRetryPolicy(tuple.get1()));
                more.forEach(tuple -> host.addAllRequestMirrorPolicies(tuple.get2()));
                more.forEach(tuple -> tuple.get3().forEach(host::setHedgePolicy));
              }
              return host.putAllTypedPerFilterConfig(overrides).build();
            });
  }
}
