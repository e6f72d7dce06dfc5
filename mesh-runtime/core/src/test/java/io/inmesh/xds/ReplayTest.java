package io.inmesh.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.recordings.Recordings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What real control planes sent, over real gRPC: nothing may be lost, and everything acknowledged
 * as it was by the sidecar.
 */
class ReplayTest {
  private static final String SPLIT = "istio/02-weighted-steps";
  private static final Backoff QUICK =
      new Backoff(Duration.ofMillis(10), 1.6, Duration.ofMillis(50), 0.2);

  private final SidecarHandler handler = new SidecarHandler();

  static Stream<Arguments> recordings() {
    return Stream.concat(
            Recordings.scenarios("istio").stream(),
            Recordings.scenarios("istio-gateway-api").stream())
        .flatMap(
            scenario ->
                Recordings.nodes(scenario).stream().map(node -> Arguments.of(scenario, node)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("recordings")
  void everyStepOfARecordingIsDeliveredAndAcknowledged(String scenario, String node) {
    try (ReplayServer server = ReplayServer.start(scenario, node);
        AdsClient client = sidecar(server, scenario, node)) {
      for (int step = 1; step <= Recordings.lastStep(scenario, node); step++) {
        server.advanceTo(step);
        assertInUse(scenario, node, step);
      }
      awaitSettled(server);
      assertThat(server.answers().values()).noneMatch(DeltaDiscoveryRequest::hasErrorDetail);
      assertThat(server.streamsOpened()).isEqualTo(1);
      assertThat(client.state().connected()).isTrue();
    }
  }

  @Test
  void nothingIsLostWhenTheStreamIsCutBetweenTwoSteps() {
    try (ReplayServer server = ReplayServer.start(SPLIT, "storefront-a");
        AdsClient client = sidecar(server, SPLIT, "storefront-a")) {
      for (int step = 1; step <= Recordings.lastStep(SPLIT, "storefront-a"); step++) {
        server.advanceTo(step);
        assertInUse(SPLIT, "storefront-a", step);
        awaitSettled(server);
        int streams = server.streamsOpened();
        int updates = handler.updates.size();
        server.endStreams(Status.UNAVAILABLE.withDescription("max_age"));
        eventually().until(() -> server.streamsOpened() > streams);
        awaitSettled(server);
        assertInUse(SPLIT, "storefront-a", step);
        // everything was sent again, and the same bytes are no change
        List<Update> again = handler.updates.subList(updates, handler.updates.size());
        assertThat(again).hasSize(4).allMatch(update -> update.resources().isEmpty());
        assertThat(again).allMatch(update -> update.removed().isEmpty());
      }
      assertThat(handler.disconnections).allMatch(Disconnection::afterResponse);
    }
  }

  @Test
  void whatWentWhileTheControlPlaneWasAwayIsRemovedWhenItIsBack() {
    int port;
    AdsClient client;
    try (ReplayServer before = ReplayServer.start(SPLIT, "storefront-a")) {
      port = before.port();
      before.advanceTo(8);
      client = sidecar(before, SPLIT, "storefront-a");
      assertInUse(SPLIT, "storefront-a", 8);
    }
    try (client) {
      eventually().until(() -> !handler.disconnections.isEmpty());
      // nothing is forgotten in the meantime
      assertThat(handler.names(TypeUrl.CLUSTER))
          .contains("outbound|8080|v2|reviews.shop.svc.cluster.local");
      try (ReplayServer after = ReplayServer.start(SPLIT, "storefront-a", port)) {
        after.advanceTo(9);
        assertInUse(SPLIT, "storefront-a", 9);
        awaitSettled(after);
      }
    }
  }

  @Test
  void theFirstRequestOfAStreamAloneNamesTheNode() {
    try (ReplayServer server = ReplayServer.start("istio/01-plain", "storefront-a");
        AdsClient client = sidecar(server, "istio/01-plain", "storefront-a")) {
      awaitSettled(server);
      List<DeltaDiscoveryRequest> requests = server.requests();
      assertThat(requests.get(0).getNode())
          .isEqualTo(Recordings.node("istio/01-plain", "storefront-a"));
      assertThat(requests.subList(1, requests.size())).noneMatch(DeltaDiscoveryRequest::hasNode);
    }
  }

  @Test
  void subscriptionsAreThoseOfTheRecordedSidecar() {
    try (ReplayServer server = ReplayServer.start(SPLIT, "storefront-a");
        AdsClient client = sidecar(server, SPLIT, "storefront-a")) {
      for (int step = 1; step <= 9; step++) {
        server.advanceTo(step);
        assertInUse(SPLIT, "storefront-a", step);
        awaitSettled(server);
      }
      Map<String, List<String>> subscribed = new HashMap<>();
      Map<String, List<String>> unsubscribed = new HashMap<>();
      for (Recordings.Request request : Recordings.requests(SPLIT, "storefront-a")) {
        add(subscribed, request, "resourceNamesSubscribe");
        add(unsubscribed, request, "resourceNamesUnsubscribe");
      }
      eventually()
          .untilAsserted(
              () -> {
                assertThat(names(server, true)).isEqualTo(sorted(subscribed));
                assertThat(names(server, false)).isEqualTo(sorted(unsubscribed));
              });
    }
  }

  private AdsClient sidecar(ReplayServer server, String scenario, String node) {
    AdsClient client =
        AdsClient.builder(server.connection(), handler)
            .node(Recordings.node(scenario, node))
            .backoff(QUICK)
            .build();
    handler.client = client;
    client.watchAll(TypeUrl.CLUSTER);
    client.watchAll(TypeUrl.LISTENER);
    client.start();
    return client;
  }

  private void assertInUse(String scenario, String node, int step) {
    Recordings.State state = Recordings.state(scenario, node, step);
    eventually()
        .untilAsserted(
            () -> {
              for (TypeUrl type :
                  List.of(TypeUrl.LISTENER, TypeUrl.CLUSTER, TypeUrl.EXTENSION_CONFIG)) {
                assertThat(bodies(type))
                    .as(type + " at step " + step)
                    .isEqualTo(recorded(state, type));
              }
              // what no cluster and no listener names any more is let go, not removed by istiod
              Map<String, ByteString> endpoints = recorded(state, TypeUrl.CLUSTER_LOAD_ASSIGNMENT);
              endpoints.keySet().retainAll(recorded(state, TypeUrl.CLUSTER).keySet());
              assertThat(bodies(TypeUrl.CLUSTER_LOAD_ASSIGNMENT)).isEqualTo(endpoints);
              assertThat(recorded(state, TypeUrl.ROUTE_CONFIGURATION))
                  .containsAllEntriesOf(bodies(TypeUrl.ROUTE_CONFIGURATION));
              assertThat(bodies(TypeUrl.ROUTE_CONFIGURATION)).isNotEmpty();
            });
  }

  private static ConditionFactory eventually() {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5));
  }

  private Map<String, ByteString> bodies(TypeUrl type) {
    Map<String, ByteString> bodies = new HashMap<>();
    handler.inUse(type).forEach((name, resource) -> bodies.put(name, resource.body()));
    return bodies;
  }

  private static Map<String, ByteString> recorded(Recordings.State state, TypeUrl type) {
    Map<String, ByteString> bodies = new HashMap<>();
    state
        .byType()
        .getOrDefault(type.url(), Map.of())
        .forEach((name, resource) -> bodies.put(name, resource.getResource().getValue()));
    return bodies;
  }

  private static void awaitSettled(ReplayServer server) {
    eventually()
        .untilAsserted(
            () -> {
              assertThat(server.outstanding()).isEmpty();
              assertThat(server.settled()).as("every response is answered").isTrue();
            });
  }

  private static void add(Map<String, List<String>> to, Recordings.Request request, String field) {
    Object names = request.json().get(field);
    if (names instanceof List<?> list) {
      list.forEach(
          name ->
              to.computeIfAbsent((String) request.json().get("typeUrl"), t -> new ArrayList<>())
                  .add((String) name));
    }
  }

  private static Map<String, List<String>> names(ReplayServer server, boolean subscribed) {
    Map<String, List<String>> names = new HashMap<>();
    for (DeltaDiscoveryRequest request : server.requests()) {
      List<String> list =
          subscribed
              ? request.getResourceNamesSubscribeList()
              : request.getResourceNamesUnsubscribeList();
      if (!list.isEmpty()) {
        names.computeIfAbsent(request.getTypeUrl(), t -> new ArrayList<>()).addAll(list);
      }
    }
    return sorted(names);
  }

  private static Map<String, List<String>> sorted(Map<String, List<String>> names) {
    names.values().forEach(list -> list.sort(null));
    return names;
  }
}
