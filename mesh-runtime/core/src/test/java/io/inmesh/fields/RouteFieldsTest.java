package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Command;
import io.inmesh.call.ResetKind;
import io.inmesh.http.RequestHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What routes do to requests and responses, and where they lead. */
class RouteFieldsTest {
  private static final String ADD_AND_REMOVE =
      "'request_headers_to_add': [{'header': {'key': 'x-to', 'value': 'there'}}],"
          + " 'request_headers_to_remove': ['x-secret'],"
          + " 'response_headers_to_add': [{'header': {'key': 'x-from', 'value': 'there'}}],"
          + " 'response_headers_to_remove': ['x-powered-by']";

  private final Configured mesh = new Configured();

  private Configured at(String level, String json) {
    return switch (level) {
      case "route" -> mesh.route(json);
      case "virtual host" -> mesh.virtualHost(json);
      case "configuration" -> mesh.configuration(json);
      default -> mesh.target(weighted("'name': 'reviews', 'weight': 1, " + json));
    };
  }

  private static String weighted(String... entries) {
    return "'weighted_clusters': {'clusters': [{" + String.join("}, {", entries) + "}]}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"route", "virtual host", "configuration", "weighted cluster"})
  void headersAreAddedAndRemovedAtEveryLevel(String level) {
    Driven before = mesh.get("/", "x-secret", "s");
    RequestHead plain = before.start().head();
    assertThat(plain.headers().first("x-to")).isNull();
    assertThat(plain.headers().first("x-secret")).isEqualTo("s");
    before.answer(200, "x-powered-by", "p");
    assertThat(before.response().headers().first("x-powered-by")).isEqualTo("p");

    at(level, ADD_AND_REMOVE);
    Driven call = mesh.get("/", "x-secret", "s");
    RequestHead sent = call.start().head();
    assertThat(sent.headers().all("x-to")).containsExactly("there");
    assertThat(sent.headers().contains("x-secret")).isFalse();
    call.answer(200, "x-powered-by", "p");
    var headers = call.response().headers();
    assertThat(headers.all("x-from")).containsExactly("there");
    assertThat(headers.contains("x-powered-by")).isFalse();
  }

  @Test
  void theMostSpecificHeaderMutationWinsWhenItIsToldTo() {
    String set = "'request_headers_to_add': [{'append_action': 'OVERWRITE_IF_EXISTS_OR_ADD',";
    mesh.route(set + " 'header': {'key': 'x-level', 'value': 'route'}}]")
        .virtualHost(set + " 'header': {'key': 'x-level', 'value': 'host'}}]");
    assertThat(mesh.get("/").start().head().headers().all("x-level")).containsExactly("host");
    mesh.configuration("'most_specific_header_mutations_wins': true");
    assertThat(mesh.get("/").start().head().headers().all("x-level")).containsExactly("route");
  }

  @Test
  void theUpstreamIsToldWhichAttemptItIsWhenTheVirtualHostSaysSo() {
    mesh.action("'retry_policy': {'retry_on': '5xx'}");
    assertThat(mesh.get("/").start().head().headers().contains("x-envoy-attempt-count")).isFalse();
    mesh.virtualHost("'include_request_attempt_count': true");
    Driven call = mesh.get("/");
    assertThat(call.start().head().headers().first("x-envoy-attempt-count")).isEqualTo("1");
    call.answer(503).next(Command.Cancel.class);
    call.toDeadline();
    assertThat(call.start().head().headers().first("x-envoy-attempt-count")).isEqualTo("2");
  }

  @Test
  void pathsAreRewritten() {
    assertThat(mesh.get("/a/b?q=1").start().head().path()).isEqualTo("/a/b?q=1");
    mesh.action("'prefix_rewrite': '/v2/'");
    RequestHead rewritten = mesh.get("/a/b?q=1").start().head();
    assertThat(rewritten.path()).isEqualTo("/v2/a/b?q=1");
    assertThat(rewritten.headers().first("x-envoy-original-path")).isEqualTo("/a/b?q=1");
    mesh.action("'regex_rewrite': {'pattern': {'regex': '^/a/(.*)$'}, 'substitution': '/z/\\\\1'}");
    assertThat(mesh.get("/a/b?q=1").start().head().path()).isEqualTo("/z/b?q=1");
    assertThat(mesh.get("/b").start().head().path()).isEqualTo("/b");
  }

  @Test
  void hostsAreRewrittenAndTheOldOneIsSaidIfWanted() {
    assertThat(mesh.get("/").start().head().authority()).isEqualTo("reviews.shop:8080");
    mesh.action("'host_rewrite_literal': 'other.example'");
    RequestHead head = mesh.get("/").start().head();
    assertThat(head.authority()).isEqualTo("other.example");
    assertThat(head.headers().contains("x-forwarded-host")).isFalse();
    mesh.action("'host_rewrite_literal': 'other.example', 'append_x_forwarded_host': true");
    assertThat(mesh.get("/").start().head().headers().first("x-forwarded-host"))
        .isEqualTo("reviews.shop:8080");
    mesh.action("")
        .target(weighted("'name': 'reviews', 'weight': 1, 'host_rewrite_literal': 'w.example'"));
    assertThat(mesh.get("/").start().head().authority()).isEqualTo("w.example");
  }

  @Test
  void theHostIsTheFirstValueOfAHeaderIfTheRequestHasIt() {
    mesh.action("'host_rewrite_header': 'X-Host', 'append_x_forwarded_host': true");
    RequestHead head = mesh.get("/", "x-host", "a.example", "x-host", "b.example").start().head();
    assertThat(head.authority()).isEqualTo("a.example");
    assertThat(head.headers().first("x-forwarded-host")).isEqualTo("reviews.shop:8080");
    for (RequestHead without :
        List.of(mesh.get("/").start().head(), mesh.get("/", "x-host", "").start().head())) {
      assertThat(without.authority()).isEqualTo("reviews.shop:8080");
      assertThat(without.headers().contains("x-forwarded-host")).isFalse();
    }
  }

  @Test
  void anAttemptAsksForTheNameOfItsHostWhenTheRouteSaysSo() {
    mesh.endpoints(
        "reviews",
        "'endpoints': [{'lb_endpoints': [{'endpoint': {'hostname': 'one.example', 'address':"
            + " {'socket_address': {'address': '10.0.0.1', 'port_value': 8080}}}}]}]");
    assertThat(mesh.get("/").start().head().authority()).isEqualTo("reviews.shop:8080");
    mesh.action("'auto_host_rewrite': true");
    assertThat(mesh.get("/").start().head().authority()).isEqualTo("one.example");
    Driven refused = mesh.get("/");
    refused.start();
    refused.fails(ResetKind.CONNECT_FAILURE);
    assertThat(refused.request.authority()).as("asked nobody").isEqualTo("reviews.shop:8080");
    mesh.hosts("10.0.0.1");
    assertThat(mesh.get("/").start().head().authority()).isEqualTo("reviews.shop:8080");
  }

  @Test
  void weightsDecideWhereRequestsGo() {
    mesh.cluster("v2", "").hosts("v2", new String[] {"10.2.0.1"});
    assertThat(toV2("'name': 'reviews', 'weight': 3", "'name': 'v2', 'weight': 1")).isEqualTo(100);
    assertThat(toV2("'name': 'reviews', 'weight': 0", "'name': 'v2', 'weight': 1")).isEqualTo(400);
  }

  /** Of 400 requests with all random values alike often. */
  private int toV2(String... entries) {
    mesh.target(weighted(entries));
    int[] next = {0};
    mesh.bits = () -> next[0];
    int to = 0;
    for (int i = 0; i < 400; i++) {
      next[0] = i;
      to += mesh.get("/").ip().equals("10.2.0.1") ? 1 : 0;
    }
    return to;
  }

  @Test
  void aHeaderCanChooseAmongWeightedClustersOrNameOne() {
    mesh.cluster("v2", "").hosts("v2", new String[] {"10.2.0.1"});
    mesh.target(
        weighted("'name': 'reviews', 'weight': 3", "'name': 'v2', 'weight': 1")
            .replace("]}", "], 'header_name': 'x-pick'}"));
    assertThat(mesh.get("/", "x-pick", "0").ip()).startsWith("10.0.");
    assertThat(mesh.get("/", "x-pick", "3").ip()).isEqualTo("10.2.0.1");
    mesh.target(weighted("'cluster_header': 'x-to', 'weight': 1"));
    assertThat(mesh.get("/", "x-to", "v2").ip()).isEqualTo("10.2.0.1");
    mesh.target("'cluster_header': 'x-to'");
    assertThat(mesh.get("/", "x-to", "v2").ip()).isEqualTo("10.2.0.1");
    assertThat(mesh.get("/", "x-to", "reviews").ip()).startsWith("10.0.");
    assertThat(mesh.get("/").response().status()).isEqualTo(503);
  }

  @Test
  void aMissingClusterIsAnsweredAsTheRouteSays() {
    mesh.target("'cluster': 'nowhere'");
    mesh.configuration("'validate_clusters': false");
    assertThat(mesh.get("/").response().status()).isEqualTo(503);
    mesh.action("'cluster_not_found_response_code': 'NOT_FOUND'");
    assertThat(mesh.get("/").response().status()).isEqualTo(404);
    mesh.action("'cluster_not_found_response_code': 'INTERNAL_SERVER_ERROR'");
    assertThat(mesh.get("/").response().status()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"action", "virtual host", "configuration"})
  void requestsAreMirroredAsOftenAsWantedUnderAShadowsName(String level) {
    mesh.cluster("shadow", "").hosts("shadow", new String[] {"10.9.0.1"});
    assertThat(mirrors("", level)).isEmpty();
    List<String> all = mirrors("'cluster': 'shadow'", level);
    assertThat(all).hasSize(100).containsOnly("10.9.0.1:8080 reviews.shop-shadow:8080");
    assertThat(mirrors("'cluster': 'shadow', 'disable_shadow_host_suffix_append': true", level))
        .containsOnly("10.9.0.1:8080 reviews.shop:8080");
    assertThat(
            mirrors(
                "'cluster': 'shadow', 'runtime_fraction': {'default_value': {'numerator': 25}}",
                level))
        .hasSizeBetween(10, 40);
  }

  /** Of 100 calls: where the mirrors went, and for whom they asked. */
  private List<String> mirrors(String policy, String level) {
    String json = policy.isEmpty() ? "" : "'request_mirror_policies': [{" + policy + "}]";
    switch (level) {
      case "action" -> mesh.action(json);
      case "virtual host" -> mesh.virtualHost(json);
      default -> mesh.configuration(json);
    }
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Driven call = mesh.get("/");
      if (call.peek() instanceof Command.Mirror mirror) {
        seen.add(mirror.host().address() + " " + mirror.head().authority());
      }
    }
    return seen;
  }

  @Test
  void aRequestHeaderCookieOrParameterDecidesTheHost() {
    mesh.cluster("reviews", "'lb_policy': 'RING_HASH'");
    assertThat(hosts("'header': {'header_name': 'x-user'}", "/", "x-user", "ann")).isOne();
    assertThat(hosts("'header': {'header_name': 'x-user'}", "/", "x-other", "ann")).isEqualTo(3);
    assertThat(hosts("'cookie': {'name': 'sid'}", "/", "cookie", "a=b; sid=7")).isOne();
    assertThat(hosts("'cookie': {'name': 'sid'}", "/", "cookie", "a=b")).isEqualTo(3);
    assertThat(hosts("'query_parameter': {'name': 'q'}", "/?q=7")).isOne();
    assertThat(hosts("'query_parameter': {'name': 'q'}", "/?r=7")).isEqualTo(3);
  }

  private long hosts(String policy, String path, String... headers) {
    mesh.action("'hash_policy': [{" + policy + "}]");
    return IntStream.range(0, 60).mapToObj(i -> mesh.get(path, headers).ip()).distinct().count();
  }

  @Test
  void aTerminalHashPolicyEndsTheList() {
    mesh.cluster("reviews", "'lb_policy': 'RING_HASH'");
    String second = "'header': {'header_name': 'x-second'}";
    String[] hosts = new String[40];
    for (boolean terminal : new boolean[] {true, false}) {
      mesh.action(
          "'hash_policy': [{'header': {'header_name': 'x-first'}, 'terminal': "
              + terminal
              + "}, {"
              + second
              + "}]");
      for (int i = 0; i < hosts.length; i++) {
        hosts[i] = mesh.get("/", "x-first", "1", "x-second", "v" + i).ip();
      }
      assertThat(Arrays.stream(hosts).distinct().count()).isEqualTo(terminal ? 1 : 3);
    }
  }

  @Test
  void anAnswerOfTheRouteItselfHasItsBody() {
    Driven call = direct("{'status': 418, 'body': {'inline_string': 'short and stout'}}");
    Command.Reply reply = call.next(Command.Reply.class);
    assertThat(reply.head().status()).isEqualTo(418);
    assertThat(reply.body()).isEqualTo("short and stout");
    assertThat(direct("{'status': 204}").next(Command.Reply.class).body()).isEmpty();
    assertThat(
            direct("{'status': 200, 'body': {'inline_bytes': 'aGk='}}")
                .next(Command.Reply.class)
                .body())
        .isEqualTo("hi");
  }

  private Driven direct(String json) {
    mesh.wholeAction("'direct_response': " + json);
    return mesh.get("/");
  }

  @Test
  void anUpstreamIsToldTheOperationOfTheRoute() {
    assertThat(operation()).isNull();
    mesh.route("'decorator': {'operation': 'reviews:8080/*'}");
    assertThat(operation()).as("no tracing, no operations").isNull();
    mesh.manager("'tracing': {}");
    assertThat(operation()).isEqualTo("reviews:8080/*");
  }

  private String operation() {
    return mesh.get("/").start().head().headers().first("x-envoy-decorator-operation");
  }

  @Test
  void requestsOfHighPriorityHaveTheirOwnBreaker() {
    mesh.cluster(
        "reviews",
        "'circuit_breakers': {'thresholds': [{'priority': 'DEFAULT', 'max_requests': 0},"
            + " {'priority': 'HIGH', 'max_requests': 1}]}");
    assertThat(mesh.get("/").response().status()).isEqualTo(503);
    mesh.action("'priority': 'HIGH'");
    mesh.get("/").start();
    assertThat(mesh.get("/").response().status()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'metadata_match': {'filter_metadata': {'envoy.lb': {'a': 'b'}}}",
        "'host_rewrite_path_regex': {'pattern': {'regex': '.*'}, 'substitution': 'a'}",
        "'internal_redirect_policy': {}",
        "'cors': {}",
        "'hash_policy': [{'cookie': {'name': 'c', 'ttl': '1s'}}]",
        "'retry_policy': {'rate_limited_retry_back_off': {'reset_headers': [{'name': 'r'}]}}"
      })
  void whatCannotBeDoneIsNotDroppedInSilence(String action) {
    mesh.action(action);
    Driven call = mesh.get("/");
    assertThat(call.response().status()).isEqualTo(503);
    assertThat(call.outcome().details()).startsWith("inmesh_not_enforced");
  }

  @ParameterizedTest
  @ValueSource(strings = {"route", "virtual host", "configuration"})
  void aFiltersRouteConfigurationGoesByItsName(String level) {
    String fault =
        "{'@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault'%s}";
    String delay = ", 'abort': {'http_status': 418, 'percentage': {'numerator': 100}}";
    mesh.filters("{'name': 'f', 'typed_config': " + fault.formatted("") + "},");
    mesh.get("/").start();
    at(level, "'typed_per_filter_config': {'other': " + fault.formatted(delay) + "}");
    mesh.get("/").start();
    at(level, "'typed_per_filter_config': {'f': " + fault.formatted(delay) + "}");
    assertThat(mesh.get("/").response().status()).as("not served without its fault").isEqualTo(503);
  }

  @Test
  void routesFromElsewhereAreNotWaitedForAndTheirRequestsAreRefused() {
    mesh.get("/").start();
    mesh.routeSource("'config_source': {'api_config_source': {'api_type': 'GRPC'}}");
    Driven call = mesh.get("/");
    assertThat(call.response().status()).isEqualTo(503);
    assertThat(call.outcome().details()).contains("config_source");
  }

  @Test
  void bytesOfATcpListenerGoToItsClusters() {
    mesh.cluster("v2", "").hosts("v2", new String[] {"10.2.0.1"});
    assertThat(tcp("'cluster': 'v2'")).containsOnly("10.2.0.1");
    assertThat(tcp("'cluster': 'reviews'")).doesNotContain("10.2.0.1");
    assertThat(
            tcp(
                "'weighted_clusters': {'clusters': [{'name': 'reviews', 'weight': 1}, {'name':"
                    + " 'v2', 'weight': 3}]}"))
        .filteredOn(ip -> ip.equals("10.2.0.1"))
        .hasSizeBetween(100, 190);
  }

  private List<String> tcp(String json) {
    mesh.get("/");
    mesh.listener(
        "0.0.0.0_8080",
        "'traffic_direction': 'OUTBOUND', 'address': {'socket_address': {'address': '0.0.0.0',"
            + " 'port_value': 8080}}, 'filter_chains': [{'filters': [{'name': 'tcp',"
            + " 'typed_config': {'@type':"
            + " 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',"
            + " 'stat_prefix': 's', "
            + json
            + "}}]}]");
    return IntStream.range(0, 200).mapToObj(i -> mesh.get("/").ip()).toList();
  }
}
