package io.inmesh.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.inmesh.proto.envoy.config.core.v3.DataSource;
import io.inmesh.proto.envoy.config.core.v3.RoutingPriority;
import io.inmesh.proto.envoy.config.route.v3.DirectResponseAction;
import io.inmesh.proto.envoy.config.route.v3.HeaderMatcher;
import io.inmesh.proto.envoy.config.route.v3.HedgePolicy;
import io.inmesh.proto.envoy.config.route.v3.RedirectAction;
import io.inmesh.proto.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.inmesh.proto.envoy.config.route.v3.RetryPolicy;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteAction;
import io.inmesh.proto.envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode;
import io.inmesh.proto.envoy.config.route.v3.WeightedCluster;
import io.inmesh.proto.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.inmesh.proto.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Generated routes and what they do. */
final class Routes {
  private Routes() {}

  private static final RetryPolicy.RetryHostPredicate PREVIOUS_HOSTS =
      RetryPolicy.RetryHostPredicate.newBuilder()
          .setName("envoy.retry_host_predicates.previous_hosts")
          .setTypedConfig(Protos.any(PreviousHostsPredicate.getDefaultInstance()))
          .build();

  static Duration millis(long millis) {
    return Duration.newBuilder()
        .setSeconds(millis / 1000)
        .setNanos((int) (millis % 1000) * 1_000_000)
        .build();
  }

  private static RegexMatchAndSubstitute substitution(String regex, String by) {
    return RegexMatchAndSubstitute.newBuilder()
        .setPattern(Matchers.regex(regex))
        .setSubstitution(by)
        .build();
  }

  private static Arbitrary<RegexMatchAndSubstitute> substitutions() {
    return Arbitraries.of(
        substitution("/a", "/z"),
        substitution("^/([^/]+)/(.*)$", "/\\2/\\1"),
        substitution("b", "\\0\\0"),
        substitution("nothing", "x"),
        substitution("/+", "/"));
  }

  /**
   * @param timed every wait is short: upstreams may keep silent
   */
  static Arbitrary<Route> route(boolean inbound, boolean timed) {
    Arbitrary<Consumer<Route.Builder>> action =
        Arbitraries.frequencyOf(
            Tuple.of(6, forward(inbound, timed).map(to -> route -> route.setRoute(to))),
            Tuple.of(2, redirect().map(to -> route -> route.setRedirect(to))),
            Tuple.of(1, direct().map(to -> route -> route.setDirectResponse(to))));
    return Combinators.combine(
            Matchers.route(),
            action,
            Gen.few(Edits.add(), 2),
            Gen.few(Edits.remove(), 1),
            Gen.few(Edits.add(), 2),
            Gen.few(Edits.remove(), 1),
            Gen.sometimes(Arbitraries.of("op", "shop:8080/*"), 5),
            Policies.overrides())
        .as(
            (match, does, add, remove, addBack, removeBack, decorator, overrides) -> {
              Route.Builder route = Route.newBuilder().setMatch(match);
              does.accept(route);
              route.addAllRequestHeadersToAdd(add).addAllRequestHeadersToRemove(remove);
              route.addAllResponseHeadersToAdd(addBack).addAllResponseHeadersToRemove(removeBack);
              decorator.forEach(operation -> route.getDecoratorBuilder().setOperation(operation));
              return route.putAllTypedPerFilterConfig(overrides).build();
            });
  }

  private static Arbitrary<RedirectAction> redirect() {
    Arbitrary<Consumer<RedirectAction.Builder>> path =
        Arbitraries.oneOf(
            List.of(
                Arbitraries.just(to -> {}),
                Arbitraries.of("/new", "/new?x=1", "")
                    .map(value -> to -> to.setPathRedirect(value)),
                Arbitraries.of("/p", "/", "/p/").map(value -> to -> to.setPrefixRewrite(value)),
                substitutions().map(value -> to -> to.setRegexRewrite(value))));
    Arbitrary<Consumer<RedirectAction.Builder>> scheme =
        Arbitraries.of(
            List.<Consumer<RedirectAction.Builder>>of(
                to -> {},
                to -> to.setHttpsRedirect(true),
                to -> to.setSchemeRedirect("https"),
                to -> to.setSchemeRedirect("http")));
    return Combinators.combine(
            path,
            scheme,
            Arbitraries.of("", "", "to.example", "to.example:81"),
            Arbitraries.of(0, 0, 80, 443, 8443),
            Arbitraries.of(
                RedirectResponseCode.MOVED_PERMANENTLY,
                RedirectResponseCode.FOUND,
                RedirectResponseCode.SEE_OTHER,
                RedirectResponseCode.TEMPORARY_REDIRECT,
                RedirectResponseCode.PERMANENT_REDIRECT),
            Arbitraries.of(false, true))
        .as(
            (how, with, host, port, code, strip) -> {
              RedirectAction.Builder to = RedirectAction.newBuilder();
              how.accept(to);
              with.accept(to);
              return to.setHostRedirect(host)
                  .setPortRedirect(port)
                  .setResponseCode(code)
                  .setStripQuery(strip)
                  .build();
            });
  }

  private static Arbitrary<DirectResponseAction> direct() {
    return Combinators.combine(
            Arbitraries.of(200, 204, 301, 404, 418, 503), Arbitraries.of("", "text", "é%REQ(x-a)%"))
        .as(
            (status, body) -> {
              DirectResponseAction.Builder to = DirectResponseAction.newBuilder().setStatus(status);
              // Envoy sends the body of a 204 too, which no client can read
              if (!body.isEmpty() && status != 204) {
                to.setBody(
                    status == 200
                        ? DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8(body))
                        : DataSource.newBuilder().setInlineString(body));
              }
              return to.build();
            });
  }

  private static Arbitrary<RouteAction> forward(boolean inbound, boolean timed) {
    Arbitrary<RouteAction.Builder> target =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.of("c0", "c1", "c2").map(Routes::cluster)),
            Tuple.of(1, Arbitraries.of("refused", "empty", "absent").map(Routes::cluster)),
            Tuple.of(2, weighted().map(to -> RouteAction.newBuilder().setWeightedClusters(to))),
            Tuple.of(1, Words.name().map(name -> RouteAction.newBuilder().setClusterHeader(name))));
    if (inbound) {
      target = Arbitraries.of("c0", "c1").map(Routes::cluster);
    }
    Arbitrary<List<Consumer<RouteAction.Builder>>> more =
        inbound
            ? Arbitraries.just(List.<Consumer<RouteAction.Builder>>of())
            : Combinators.combine(
                    Gen.few(rewrite(), 1),
                    Gen.few(hostRewrite(), 1),
                    Gen.few(retry(timed).map(Routes::retried), 1),
                    Gen.sometimes(mirror().map(Routes::mirrored), 8),
                    Gen.few(more(), 2))
                .as(
                    (a, b, c, d, e) -> {
                      List<Consumer<RouteAction.Builder>> all = new java.util.ArrayList<>(a);
                      all.addAll(b);
                      all.addAll(c);
                      all.addAll(d);
                      all.addAll(e);
                      return all;
                    });
    Arbitrary<Duration> timeout =
        timed
            ? Arbitraries.of(millis(700), millis(800))
            : Arbitraries.of(millis(0), millis(15_000), millis(20_000));
    return Combinators.combine(target, more, timeout, Gen.sometimes(duration(timed), 6))
        .as(
            (to, features, wait, durations) -> {
              RouteAction.Builder action = to.build().toBuilder().setTimeout(wait);
              features.forEach(feature -> feature.accept(action));
              durations.forEach(action::setMaxStreamDuration);
              return action.build();
            });
  }

  /** Beside it a time-out means nothing, so that under silence there is always a limit. */
  private static Arbitrary<RouteAction.MaxStreamDuration> duration(boolean timed) {
    Arbitrary<Duration> most =
        timed ? Arbitraries.of(millis(600), millis(650)) : Arbitraries.of(millis(0), millis(9_000));
    Arbitrary<Duration> header =
        timed ? Arbitraries.of(millis(400), millis(620)) : Arbitraries.of(millis(0), millis(7_000));
    return Combinators.combine(most, Gen.sometimes(header, 2), Gen.seldom(timed ? 1_000_000 : 4))
        .as(
            (limit, asked, unset) -> {
              RouteAction.MaxStreamDuration.Builder all =
                  RouteAction.MaxStreamDuration.newBuilder();
              if (!unset) {
                all.setMaxStreamDuration(limit);
              }
              asked.forEach(all::setGrpcTimeoutHeaderMax);
              return all.build();
            });
  }

  static Arbitrary<HedgePolicy> hedge() {
    return Arbitraries.of(true, true, false)
        .map(on -> HedgePolicy.newBuilder().setHedgeOnPerTryTimeout(on).build());
  }

  private static RouteAction.Builder cluster(String name) {
    return RouteAction.newBuilder().setCluster(name);
  }

  /** All weight on one: chance is not compared here. */
  private static Arbitrary<WeightedCluster> weighted() {
    return Combinators.combine(
            Arbitraries.of("c0", "c1", "c2"),
            Gen.few(Edits.add(), 1),
            Gen.few(Edits.remove(), 1),
            Gen.few(Edits.add(), 1),
            Gen.few(Edits.remove(), 1),
            Gen.sometimes(Arbitraries.of("weighted.example"), 3),
            Arbitraries.of(true, false),
            Gen.seldom(4))
        .as(
            (name, add, remove, addBack, removeBack, host, first, header) -> {
              WeightedCluster.ClusterWeight.Builder one =
                  WeightedCluster.ClusterWeight.newBuilder();
              if (header) {
                one.setClusterHeader("x-to");
              } else {
                one.setName(name);
              }
              one.getWeightBuilder().setValue(7);
              one.addAllRequestHeadersToAdd(add).addAllRequestHeadersToRemove(remove);
              one.addAllResponseHeadersToAdd(addBack).addAllResponseHeadersToRemove(removeBack);
              host.forEach(one::setHostRewriteLiteral);
              WeightedCluster.ClusterWeight.Builder none =
                  WeightedCluster.ClusterWeight.newBuilder().setName("shadow");
              none.getWeightBuilder().setValue(0);
              WeightedCluster.Builder all = WeightedCluster.newBuilder();
              if (addBack.isEmpty()) {
                all.setHeaderName("x-chance");
              }
              return first
                  ? all.addClusters(one).addClusters(none).build()
                  : all.addClusters(none).addClusters(one).build();
            });
  }

  private static Arbitrary<Consumer<RouteAction.Builder>> rewrite() {
    return Arbitraries.oneOf(
        Arbitraries.of("/p", "/", "/p/", "/a").map(value -> to -> to.setPrefixRewrite(value)),
        substitutions().map(value -> to -> to.setRegexRewrite(value)));
  }

  private static Arbitrary<Consumer<RouteAction.Builder>> hostRewrite() {
    Arbitrary<Consumer<RouteAction.Builder>> how =
        Arbitraries.oneOf(
            Arbitraries.of("new.example", "new.example:81")
                .map(value -> to -> to.setHostRewriteLiteral(value)),
            Words.name().map(value -> to -> to.setHostRewriteHeader(value)),
            Arbitraries.just(to -> to.getAutoHostRewriteBuilder().setValue(true)));
    return Combinators.combine(how, Arbitraries.of(true, false))
        .as(
            (rewrite, forwarded) ->
                to -> {
                  rewrite.accept(to);
                  to.setAppendXForwardedHost(forwarded);
                });
  }

  private static Consumer<RouteAction.Builder> retried(RetryPolicy policy) {
    return to -> to.setRetryPolicy(policy);
  }

  private static Consumer<RouteAction.Builder> mirrored(RouteAction.RequestMirrorPolicy policy) {
    return to -> to.addRequestMirrorPolicies(policy);
  }

  /** Back-offs are short; tries of timed configurations end long before their routes' time-outs. */
  static Arbitrary<RetryPolicy> retry(boolean timed) {
    Arbitrary<String> on =
        Arbitraries.of(
                "5xx",
                "gateway-error",
                "reset",
                "connect-failure",
                "retriable-4xx",
                "refused-stream",
                "retriable-status-codes",
                "retriable-headers",
                "cancelled",
                "unavailable",
                "reset-before-request",
                "envoy-ratelimited",
                "unknown-word")
            .list()
            .ofMinSize(1)
            .ofMaxSize(3)
            .map(words -> String.join(",", words));
    Arbitrary<List<HeaderMatcher>> back = Gen.few(Matchers.responseHeader(), 1);
    return Combinators.combine(
            on,
            Arbitraries.of(0, 1, 2),
            Gen.few(Arbitraries.of(409, 429, 503, 200), 2),
            back,
            Gen.sometimes(Matchers.header(), 4),
            Arbitraries.of(true, false))
        .as(
            (words, times, codes, headers, asked, perTry) -> {
              RetryPolicy.Builder policy = RetryPolicy.newBuilder().setRetryOn(words);
              policy.getNumRetriesBuilder().setValue(timed ? Math.min(1, times) : times);
              policy.addAllRetriableStatusCodes(codes);
              policy.addAllRetriableHeaders(headers).addAllRetriableRequestHeaders(asked);
              policy.getRetryBackOffBuilder().setBaseInterval(millis(1));
              if (timed && perTry) {
                policy.setPerTryTimeout(millis(150));
              } else if (timed) {
                policy.setPerTryIdleTimeout(millis(150));
              } else if (perTry) {
                policy.getRetryBackOffBuilder().setMaxInterval(millis(2));
                policy.setHostSelectionRetryMaxAttempts(3).addRetryHostPredicate(PREVIOUS_HOSTS);
              }
              return policy.build();
            });
  }

  static Arbitrary<RouteAction.RequestMirrorPolicy> mirror() {
    return Combinators.combine(Matchers.allOrNothing(), Gen.seldom(3))
        .as(
            (how, plain) ->
                RouteAction.RequestMirrorPolicy.newBuilder()
                    .setCluster("shadow")
                    .setRuntimeFraction(how)
                    .setDisableShadowHostSuffixAppend(plain)
                    .build());
  }

  private static Arbitrary<Consumer<RouteAction.Builder>> more() {
    return Arbitraries.oneOf(
        List.of(
            notFound(),
            hedge().map(policy -> to -> to.setHedgePolicy(policy)),
            Arbitraries.just(to -> to.setPriority(RoutingPriority.HIGH)),
            Arbitraries.just(to -> to.setIdleTimeout(millis(30_000))),
            Arbitraries.of(0, 5_000, 60_000).map(most -> to -> to.setMaxGrpcTimeout(millis(most))),
            hash().map(policy -> to -> to.addHashPolicy(policy))));
  }

  private static Arbitrary<RouteAction.HashPolicy> hash() {
    RouteAction.HashPolicy.Builder header = RouteAction.HashPolicy.newBuilder();
    header.getHeaderBuilder().setHeaderName("x-a");
    RouteAction.HashPolicy.Builder cookie = RouteAction.HashPolicy.newBuilder();
    cookie.getCookieBuilder().setName("a");
    RouteAction.HashPolicy.Builder query = RouteAction.HashPolicy.newBuilder().setTerminal(true);
    query.getQueryParameterBuilder().setName("a");
    return Arbitraries.of(header.build(), cookie.build(), query.build());
  }

  private static Arbitrary<Consumer<RouteAction.Builder>> notFound() {
    return Arbitraries.of(
            ClusterNotFoundResponseCode.NOT_FOUND,
            ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR)
        .map(code -> to -> to.setClusterNotFoundResponseCode(code));
  }
}
