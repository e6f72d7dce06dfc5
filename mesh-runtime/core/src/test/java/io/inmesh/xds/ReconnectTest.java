package io.inmesh.xds;

import static io.inmesh.xds.Responses.resource;
import static io.inmesh.xds.Responses.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureServerCredentials;
import io.grpc.Status;
import io.inmesh.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Streams end; configuration does not. */
class ReconnectTest extends AdsTestBase {
  @Test
  void streamsWithoutAResponseAreReopenedMoreAndMoreSlowly() throws Exception {
    client.watchAll(CDS);
    client.start();
    List<Duration> waits = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      server.stream().end(Status.UNAVAILABLE.withDescription("not yet"));
      Disconnection lost = disconnection(i);
      assertThat(lost.failedAttempts()).isEqualTo(i);
      assertThat(lost.afterResponse()).isFalse();
      assertThat(lost.reason()).isEqualTo("not yet");
      waits.add(lost.retryIn());
      // not a moment earlier
      time.advance(lost.retryIn().minusNanos(1));
      assertThat(server.hasNoMoreStreams()).isTrue();
      time.advance(Duration.ofNanos(1));
    }
    assertThat(waits.subList(0, 4))
        .containsExactly(
            Duration.ofMillis(1000),
            Duration.ofMillis(1600),
            Duration.ofMillis(2560),
            Duration.ofMillis(4096));
    assertThat(waits).last().isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void aResponseOnTheStreamStartsTheBackOffAnew() throws Exception {
    client.watchAll(CDS);
    client.start();
    for (int i = 1; i <= 3; i++) {
      server.stream().end(Status.UNAVAILABLE);
      time.advance(disconnection(i).retryIn());
    }
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    stream.request();
    stream.end(Status.OK);
    Disconnection lost = disconnection(4);
    assertThat(lost.afterResponse()).isTrue();
    assertThat(lost.code()).isEqualTo("OK");
    assertThat(lost.retryIn()).isEqualTo(Duration.ofSeconds(1));
    assertThat(handler.connections).isEqualTo(1);
    assertThat(handler.names(CDS)).containsExactly("reviews");
  }

  @Test
  void anOldStreamIsReopenedAtOnce() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    stream.request();
    time.advance(Duration.ofMinutes(30));
    stream.end(Status.UNAVAILABLE.withDescription("max_age"));
    assertThat(disconnection(1).retryIn()).isEqualTo(Duration.ZERO);
    assertThat(server.stream().request().getTypeUrl()).isEqualTo(CDS.url());
  }

  @Test
  void waitsAreSpreadByAFifth() {
    Backoff backoff = Backoff.DEFAULT;
    assertThat(backoff.delay(1, 0)).isEqualTo(Duration.ofMillis(800));
    assertThat(backoff.delay(1, 1)).isEqualTo(Duration.ofMillis(1200));
    assertThat(backoff.delay(100_000, 0.5)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void nobodyListeningIsSaidSo() throws Exception {
    int port = server.port();
    server.close();
    client.watchAll(CDS);
    client.start();
    Disconnection lost = disconnection(1);
    assertThat(lost.code()).isEqualTo("UNAVAILABLE");
    assertThat(lost.reason()).contains("Connection refused").contains("127.0.0.1:" + port);
    assertThat(client.state().lastDisconnection()).isEqualTo(lost);
    // and it is found as soon as it is there, whatever gRPC's own back-off thinks
    server = new ScriptedServer(port, InsecureServerCredentials.create());
    time.advance(lost.retryIn());
    server.stream().request();
  }

  @Test
  void whatIsKnownIsSaidWithItsVersionAndWhatIsNotSentAgainStays() throws Exception {
    client.watchAll(CDS);
    client.subscribe(EDS, List.of("reviews", "unanswered"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.request();
    stream.send(
        response(CDS, "1", resource(CDS, "reviews", "7", "x"), resource(CDS, "ratings", "7", "x")));
    stream.send(response(EDS, "2", resource(EDS, "reviews", "3", "x")));
    stream.request();
    stream.request();
    stream.end(Status.UNAVAILABLE);
    time.advance(disconnection(1).retryIn());

    stream = server.stream();
    DeltaDiscoveryRequest clusters = stream.request();
    assertThat(clusters.hasNode()).isTrue();
    assertThat(clusters.getResponseNonce()).isEmpty();
    assertThat(clusters.getInitialResourceVersionsMap())
        .isEqualTo(Map.of("reviews", "7", "ratings", "7"));
    DeltaDiscoveryRequest endpoints = stream.request();
    assertThat(endpoints.getResourceNamesSubscribeList()).containsExactly("reviews", "unanswered");
    assertThat(endpoints.getInitialResourceVersionsMap()).isEqualTo(Map.of("reviews", "3"));
    // a control plane that knows versions sends the difference
    stream.send(response(CDS, "3", resource(CDS, "reviews", "8", "y")));
    stream.request();
    assertThat(handler.names(CDS)).containsExactlyInAnyOrder("reviews", "ratings");
    assertThat(handler.updates.get(2).fullState()).isFalse();
  }

  @Test
  void withoutVersionsTheFirstAnswerIsTheWholeTruth() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x"), resource(CDS, "gone", "x")));
    stream.request();
    stream.end(Status.UNAVAILABLE);
    time.advance(disconnection(1).retryIn());
    stream = server.stream();
    assertThat(stream.request().getInitialResourceVersionsMap())
        .containsOnlyKeys("reviews", "gone");
    stream.send(response(CDS, "2", resource(CDS, "reviews", "x"), resource(CDS, "new", "x")));
    stream.request();
    Update update = handler.updates.get(1);
    assertThat(update.fullState()).isTrue();
    assertThat(update.removed()).containsExactly("gone");
    assertThat(update.unchanged()).containsExactly("reviews");
    assertThat(update.resources()).extracting(XdsResource::name).containsExactly("new");
    // only the first: then it is a difference again
    stream.send(response(CDS, "3", resource(CDS, "new", "y")));
    stream.request();
    assertThat(handler.names(CDS)).containsExactlyInAnyOrder("reviews", "new");
  }

  @Test
  void halfAConversationIsTakenUpWhereItWasCut() throws Exception {
    client.watchAll(CDS);
    client.watchAll(LDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    // no listener, no word, and the acknowledgement may be lost as well
    stream.end(Status.INTERNAL.withDescription("crashed"));
    time.advance(disconnection(1).retryIn());
    client.subscribe(EDS, List.of("reviews"));
    stream = server.stream();
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      asked.add(stream.request().getTypeUrl());
    }
    assertThat(asked).containsExactlyInAnyOrder(CDS.url(), LDS.url(), EDS.url());
    stream.send(response(LDS, "2", resource(LDS, "0.0.0.0_80", "x")));
    stream.request();
    assertThat(handler.names(LDS)).containsExactly("0.0.0.0_80");
    assertThat(handler.names(CDS)).containsExactly("reviews");
  }

  @Test
  void bytesThatAreNoMessageEndTheStreamOnly() throws Exception {
    client.watchAll(CDS);
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    stream.request();
    stream.send(new byte[] {(byte) 0xff, (byte) 0xff, 1, 2, 3});
    Disconnection lost = disconnection(1);
    assertThat(lost.reason()).containsIgnoringCase("protobuf");
    assertThat(handler.names(CDS)).containsExactly("reviews");
    time.advance(lost.retryIn());
    server.stream().request();
  }

  @Test
  void aServerWithoutDeltaProtocolIsNamedAsSuch() throws Exception {
    client.watchAll(CDS);
    client.start();
    server.stream().end(Status.UNIMPLEMENTED);
    assertThat(disconnection(1).reason()).contains("has it the delta protocol");
  }
}
