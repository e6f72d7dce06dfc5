package io.inmesh.xds;

import static io.inmesh.xds.Responses.resource;
import static io.inmesh.xds.Responses.response;
import static io.inmesh.xds.Responses.withTimeToLive;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is asked for, when, and what happens if it does not come. */
class SubscriptionsTest extends AdsTestBase {
  @Test
  void whatIsWantedInOneGoLeavesInOneRequest() throws Exception {
    handler.before =
        update -> {
          if (update.type().equals(CDS)) {
            client.subscribe(EDS, List.of("a"));
            client.subscribe(EDS, List.of("b", "c"));
            client.unsubscribe(EDS, List.of("c"));
          }
        };
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    assertThat(stream.request().getResourceNamesSubscribeList()).isEmpty();
    stream.send(response(CDS, "1", resource(CDS, "a", "x")));
    assertThat(stream.request().getResponseNonce()).isEqualTo("1");
    assertThat(stream.request().getResourceNamesSubscribeList()).containsExactly("a", "b");

    client.unsubscribe(EDS, List.of("a"));
    DeltaDiscoveryRequest request = stream.request();
    assertThat(request.getResourceNamesUnsubscribeList()).containsExactly("a");
    assertThat(request.hasNode()).isFalse();
  }

  @Test
  void aTypeWithoutNamesIsNeverAskedForAsAWildcard() throws Exception {
    client.subscribe(EDS, List.of("a"));
    client.unsubscribe(EDS, List.of("a"));
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    assertThat(stream.request().getTypeUrl()).isEqualTo(CDS.url());
    stream.send(response(CDS, "1"));
    assertThat(stream.request().getResponseNonce()).isEqualTo("1");
    assertThat(stream.isSilent()).isTrue();
  }

  @Test
  void aWildcardAndNamesOfOneTypeAreAskedForTogether() throws Exception {
    client.watchAll(CDS);
    client.subscribe(CDS, List.of("on-demand"));
    client.start();
    assertThat(server.stream().request().getResourceNamesSubscribeList())
        .containsExactly("*", "on-demand");
  }

  @Test
  void aNameGivenUpAndWantedAgainIsFetchedAnew() throws Exception {
    client.subscribe(EDS, List.of("a"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(EDS, "1", resource(EDS, "a", "x")));
    stream.request();
    client.unsubscribe(EDS, List.of("a"));
    client.subscribe(EDS, List.of("a"));
    assertThat(stream.request().getResourceNamesUnsubscribeList()).containsExactly("a");
    DeltaDiscoveryRequest again = stream.request();
    assertThat(again.getResourceNamesUnsubscribeList()).isEmpty();
    assertThat(again.getResourceNamesSubscribeList()).containsExactly("a");
    stream.send(response(EDS, "2", resource(EDS, "a", "x")));
    stream.request();
    assertThat(handler.updates.get(1).resources()).hasSize(1);
  }

  @Test
  void whatTheHandlerGivesUpDoesNotReachItAnyMore() throws Exception {
    client.watchAll(CDS);
    client.subscribe(EDS, List.of("a", "b"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.request();
    handler.before =
        update -> {
          // both responses are here already when it gives up, one of the resources in its own
          // update
          if (update.type().equals(CDS)) {
            client.unsubscribe(EDS, List.of("a"));
          } else if (update.systemVersion().equals("version of 2")) {
            client.unsubscribe(EDS, List.of("b"));
          }
        };
    stream.send(response(CDS, "1"));
    stream.send(response(EDS, "2", resource(EDS, "a", "x"), resource(EDS, "b", "x")));
    List<String> given = new ArrayList<>();
    while (given.size() < 2) {
      given.addAll(stream.request().getResourceNamesUnsubscribeList());
    }
    assertThat(given).containsExactly("a", "b");
    assertThat(handler.updates.get(1).resources())
        .extracting(XdsResource::name)
        .containsExactly("b");
    handler.before = update -> {};
    client.subscribe(EDS, List.of("b"));
    stream.request();
    stream.send(response(EDS, "3", resource(EDS, "b", "x")));
    stream.request();
    assertThat(handler.updates.get(2).resources()).hasSize(1);
  }

  @Test
  void manyThreadsMaySubscribe() throws Exception {
    client.start();
    List<Thread> threads = new ArrayList<>();
    List<String> all = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        names.add("cluster-" + t + "-" + i);
      }
      all.addAll(names);
      threads.add(new Thread(() -> names.forEach(n -> client.subscribe(EDS, List.of(n)))));
    }
    threads.forEach(Thread::start);
    ScriptedServer.Stream stream = server.stream();
    List<String> asked = new ArrayList<>();
    while (asked.size() < all.size()) {
      asked.addAll(stream.request().getResourceNamesSubscribeList());
    }
    assertThat(asked).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void aSilentControlPlaneIsToldAfterEachTimeOut() throws Exception {
    client.watchAll(CDS);
    client.subscribe(EDS, List.of("quick"), Duration.ofSeconds(3));
    client.subscribe(EDS, List.of("patient"), Duration.ZERO);
    client.start();
    server.stream().request();
    time.advance(Duration.ofSeconds(2));
    assertThat(handler.late).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(handler.late).containsExactly("ClusterLoadAssignment quick");
    time.advance(Duration.ofMinutes(10));
    assertThat(handler.late).containsExactly("ClusterLoadAssignment quick", "Cluster *");
    // it is still connected and still waiting
    assertThat(handler.disconnections).isEmpty();
  }

  @Test
  void theTimeOutRunsWhileThereIsNoControlPlaneAtAll() throws Exception {
    server.close();
    client.watchAll(LDS);
    client.start();
    disconnection(1);
    time.advance(Duration.ofSeconds(15));
    assertThat(handler.late).containsExactly("Listener *");
  }

  @Test
  void whatWasAnsweredInAnyWayIsNotLate() throws Exception {
    handler.judge = update -> update.type().equals(EDS) ? Map.of("bad", "no") : Map.of();
    client.watchAll(CDS);
    client.subscribe(EDS, List.of("good", "bad", "none", "late"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.request();
    stream.send(response(CDS, "1"));
    stream.send(
        response(EDS, "2", resource(EDS, "good", "x"), resource(EDS, "bad", "x"))
            .addRemovedResources("none"));
    stream.request();
    stream.request();
    time.drain();
    time.advance(Duration.ofMinutes(1));
    assertThat(handler.late).containsExactly("ClusterLoadAssignment late");
    // and late is not never
    stream.send(response(EDS, "3", resource(EDS, "late", "x")));
    stream.request();
    assertThat(handler.names(EDS)).containsExactlyInAnyOrder("good", "late");
  }

  @Test
  void aResourceWithTimeToLiveGoesUnlessItIsRenewed() throws Exception {
    client.subscribe(EDS, List.of("a", "b"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(
        response(
            EDS,
            "1",
            withTimeToLive(resource(EDS, "a", "x"), 10),
            withTimeToLive(resource(EDS, "b", "x"), 10)));
    stream.request();
    time.advance(Duration.ofSeconds(9));
    // a heartbeat has no body
    Resource heartbeat = withTimeToLive(Resource.newBuilder().setName("a").build(), 10);
    stream.send(response(EDS, "2", heartbeat));
    assertThat(stream.request().hasErrorDetail()).isFalse();
    time.advance(Duration.ofSeconds(9));
    assertThat(handler.names(EDS)).containsExactly("a");
    time.advance(Duration.ofSeconds(1));
    assertThat(handler.names(EDS)).isEmpty();
  }
}
