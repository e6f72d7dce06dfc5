package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routes one at a time: what is filled in, what is refused, what is kept apart. */
class RouteDetailsTest {
  private static CompiledRouteTable table(String more, String host, String route) {
    RouteConfiguration.Builder proto = RouteConfiguration.newBuilder();
    try {
      JsonFormat.parser()
          .merge(
              "{'name': 'r', "
                  + more
                  + "'virtualHosts': [{'name': 'h', 'domains': ['*'], "
                  + host
                  + "'routes': ["
                  + route
                  + "]}]}",
              proto);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    return RouteTableCompiler.compile(proto.build());
  }

  private static Route route(CompiledRouteTable table, RequestHead head) {
    return Objects.requireNonNull(Objects.requireNonNull(table.find("any")).route(head, () -> 0));
  }

  private static RouteAction action(String action) {
    CompiledRouteTable table = table("", "", "{'match': {'prefix': '/'}, " + action + "}");
    return route(table, Replay.head("http://any/")).action();
  }

  private static RouteAction.Forward forward(String fields) {
    RouteAction action = action("'route': {'cluster': 'c'" + fields + "}");
    assertThat(action).isInstanceOf(RouteAction.Forward.class);
    return (RouteAction.Forward) action;
  }

  @Test
  void timeoutsHaveEnvoysDefaults() {
    assertThat(forward("").timeoutNanos()).isEqualTo(15_000_000_000L);
    assertThat(forward(", 'timeout': '0s'").timeoutNanos()).isZero();
    assertThat(forward("").idleNanos()).isNegative();
    assertThat(forward("").maxGrpcTimeoutNanos()).isNegative();
    assertThat(forward(", 'maxGrpcTimeout': '2s'").maxGrpcTimeoutNanos()).isEqualTo(2_000_000_000L);
    assertThat(forward("").duration()).isNull();
    RouteAction.Forward limited =
        forward(", 'maxStreamDuration': {'grpcTimeoutHeaderMax': '2s'}, 'maxGrpcTimeout': '1s'");
    assertThat(limited.duration()).isEqualTo(new StreamDuration(0, 2_000_000_000L));
    assertThat(limited.timeoutNanos()).as("none beside it").isZero();
    assertThat(limited.maxGrpcTimeoutNanos()).isNegative();
    assertThat(forward("").clusterNotFoundStatus()).isEqualTo(503);
  }

  @Test
  void theHostMayComeFromAHeader() {
    assertThat(forward(", 'hostRewriteHeader': 'X-Host'").hostRewriteHeader()).isEqualTo("x-host");
    assertThat(forward(", 'hostRewriteHeader': ''").hostRewriteHeader()).isNull();
    assertThat(forward("").hostRewriteHeader()).isNull();
  }

  @Test
  void aRetryPolicyHasEnvoysDefaults() {
    RetryPolicy retry =
        Objects.requireNonNull(forward(", 'retryPolicy': {'retryOn': '5xx, reset,what'}").retry());
    assertThat(retry.on()).containsExactlyInAnyOrder(RetryOn.FIVE_XX, RetryOn.RESET);
    assertThat(retry.numRetries()).isEqualTo(1);
    assertThat(retry.baseNanos()).isEqualTo(25_000_000L);
    assertThat(retry.maxNanos()).isEqualTo(250_000_000L);
    assertThat(retry.avoidPreviousHosts()).isFalse();
    assertThat(retry.hostSelectionAttempts()).isEqualTo(1);
  }

  @Test
  void aVirtualHostsRetryPolicyHoldsUnlessTheRouteHasOne() {
    String host = "'retryPolicy': {'retryOn': '5xx', 'numRetries': 7}, ";
    CompiledRouteTable table =
        table(
            "",
            host,
            "{'match': {'path': '/own'}, 'route': {'cluster': 'c', 'retryPolicy': {}}},"
                + "{'match': {'prefix': '/'}, 'route': {'cluster': 'c'}}");
    RouteAction inherited = route(table, Replay.head("http://any/")).action();
    RouteAction own = route(table, Replay.head("http://any/own")).action();
    assertThat(Objects.requireNonNull(((RouteAction.Forward) inherited).retry()).numRetries())
        .isEqualTo(7);
    assertThat(Objects.requireNonNull(((RouteAction.Forward) own).retry()).on()).isEmpty();
  }

  @Test
  void headerOperationsRunFromTheRouteOutwardsOrTheOtherWay() {
    String all =
        "'requestHeadersToAdd': [{'header': {'key': 'x', 'value': '%s'}, 'appendAction':"
            + " 'OVERWRITE_IF_EXISTS_OR_ADD'}]";
    String route =
        "{'match': {'path': '/one'}, 'route': {'cluster': 'c'}, "
            + String.format(all, "route")
            + "}, {'match': {'prefix': '/'}, "
            + String.format(all, "route")
            + ", 'route': {'weightedClusters': {'clusters': [{'name': 'c', 'weight': 1, "
            + String.format(all, "cluster")
            + "}]}}}";
    String host = String.format(all, "host") + ", ";
    String more = String.format(all, "configuration") + ", ";
    assertThat(edited(table(more, host, route), "/one")).isEqualTo("configuration");
    assertThat(edited(table(more, host, route), "/weighted")).isEqualTo("configuration");
    String wins = more + "'mostSpecificHeaderMutationsWins': true, ";
    assertThat(edited(table(wins, host, route), "/one")).isEqualTo("route");
    // a weighted cluster's come first all the same, so that the route's hold: as Envoy does it
    assertThat(edited(table(wins, host, route), "/weighted")).isEqualTo("route");
  }

  private static String edited(CompiledRouteTable table, String path) {
    RequestHead head = Replay.head("http://any" + path);
    Route route = route(table, head);
    RouteAction.Target target =
        Objects.requireNonNull(
            ((RouteAction.Forward) route.action()).clusters().choose(head, () -> 0));
    Headers headers = new Headers();
    target.requestEdits().apply(headers, HeaderEdits.FormatValues.EMPTY);
    route.requestEdits().apply(headers, HeaderEdits.FormatValues.EMPTY);
    return String.valueOf(headers.joined("x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'redirect': {} | http://shop:80/a?b=c | http://shop:80/a?b=c",
        "'redirect': {'httpsRedirect': true} | http://shop:80/a | https://shop/a",
        "'redirect': {'httpsRedirect': true} | http://shop:81/a | https://shop:81/a",
        "'redirect': {'portRedirect': 8443} | http://shop:80/a | http://shop:8443/a",
        "'redirect': {'hostRedirect': 'new'} | http://shop/a?b | http://new/a?b",
        "'redirect': {'pathRedirect': '/n'} | http://shop/a?b | http://shop/n?b",
        "'redirect': {'pathRedirect': '/n?x'} | http://shop/a?b | http://shop/n?x",
        "'redirect': {'pathRedirect': '/n', 'stripQuery': true} | http://shop/a?b | http://shop/n",
        "'redirect': {'prefixRewrite': '/n'} | http://shop/a?b | http://shop/na?b",
        "'redirect': {'stripQuery': true} | http://shop/a?b | http://shop/a",
      })
  void aRedirectsLocation(String redirect, String request, String location) {
    assertThat(action(redirect))
        .isInstanceOfSatisfying(
            RouteAction.Redirect.class,
            r -> {
              assertThat(r.status()).isEqualTo(301);
              assertThat(r.location().location(Replay.head(request))).isEqualTo(location);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'route': {} | route.cluster_specifier: is required",
        "'route': {'cluster': ''} | route.cluster: must not be empty",
        "'route': {'weightedClusters': {'clusters': [{'name': 'a', 'weight': 0}]}} |"
            + " route.weighted_clusters.clusters: the sum of the weights must be 1 to 4294967295",
        "'route': {'cluster': 'c', 'timeout': '-1s'} | route.timeout: a duration must not be"
            + " negative",
        "'directResponse': {'status': 99} | direct_response.status: must be 200 to 599",
        "'route': {'cluster': 'c', 'retryPolicy': {'retryBackOff': {'baseInterval': '2s',"
            + " 'maxInterval': '1s'}}} | route.retry_policy.retry_back_off.max_interval: must be",
        "'name': 'x' | action: is required",
      })
  void whatEnvoyRefusesIsRefusedWithItsPlace(String action, String message) {
    assertThatThrownBy(() -> action(action))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("virtual_hosts[0].routes[0]." + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'route': {'cluster': 'c', 'internalRedirectPolicy': {}} | route.internal_redirect_policy",
        "'route': {'cluster': 'c', 'hostRewritePathRegex': {'pattern': {'regex': 'x'}}} |"
            + " route.host_rewrite_path_regex",
        "'route': {'clusterSpecifierPlugin': 'p'} | route.cluster_specifier_plugin",
        "'filterAction': {} | filter_action",
      })
  void whatIsNotImplementedAnswersForItselfAndLetsNoLaterRouteIn(String action, String field) {
    assertThat(action(action))
        .isInstanceOfSatisfying(
            RouteAction.Unsupported.class,
            unsupported -> {
              assertThat(unsupported.why().field()).isEqualTo(field);
              assertThat(unsupported.why().resource()).isEqualTo("r/h/0");
            });
  }

  @Test
  void aConditionThatCannotBeJudgedRefusesTheRequestsOfItsPath() {
    CompiledRouteTable table =
        table(
            "",
            "",
            "{'match': {'prefix': '/in', 'tlsContext': {'presented': true}}, 'route': {'cluster':"
                + " 'a'}}, {'match': {'prefix': '/'}, 'route': {'cluster': 'b'}}");
    assertThat(route(table, Replay.head("http://any/in")).action())
        .isInstanceOf(RouteAction.Unsupported.class);
    assertThat(route(table, Replay.head("http://any/out")).action())
        .isInstanceOf(RouteAction.Forward.class);
  }

  @Test
  void faultsAndCorsOfARouteAreNotDroppedInSilence() {
    Replay mesh = Replay.of("istio/03-virtualservice", "storefront-a", 99);
    assertThat(mesh.notYet())
        .filteredOn(why -> why.field().contains("fault") || why.field().contains("cors"))
        .isNotEmpty()
        .noneMatch(NotYet::security);
  }
}
