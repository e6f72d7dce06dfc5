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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** gRFC A71 with real gRPC servers: {@code server} is the preferred one, others come after it. */
class FallbackTest extends AdsTestBase {
  private final List<ScriptedServer> others = new ArrayList<>();

  @AfterEach
  void stopOthers() throws Exception {
    for (ScriptedServer other : others) {
      other.close();
    }
  }

  private void open(int fallbacks) throws Exception {
    client.close();
    List<ControlPlane> planes = new ArrayList<>();
    for (int i = 0; i < fallbacks; i++) {
      ScriptedServer other = new ScriptedServer();
      others.add(other);
      planes.add(ControlPlaneConnection.plaintext("127.0.0.1", other.port()).build());
    }
    client =
        AdsClient.builder(
                ControlPlaneConnection.plaintext("127.0.0.1", server.port()).build(), handler)
            .fallbacks(planes)
            .scheduler(time)
            .nanoTime(time::nanoTime)
            .random(() -> 0.5)
            .build();
    client.watchAll(CDS);
  }

  /** Answers the first request, and takes its acknowledgement. */
  private static DeltaDiscoveryRequest serve(ScriptedServer.Stream stream, String... clusters)
      throws Exception {
    DeltaDiscoveryRequest first = stream.request();
    var response = response(CDS, "1");
    for (String cluster : clusters) {
      response.addResources(resource(CDS, cluster, "v1", "body of " + cluster));
    }
    stream.send(response);
    assertThat(stream.request().getResponseNonce()).isEqualTo("1");
    return first;
  }

  private int stopPreferred() throws Exception {
    int port = server.port();
    server.close();
    return port;
  }

  private void startPreferred(int port) throws Exception {
    server = new ScriptedServer(port, InsecureServerCredentials.create());
  }

  @Test
  void theNextOneServesWhileTheFirstCannotBeReachedAndIsLeftWhenItIsBack() throws Exception {
    open(1);
    int port = stopPreferred();
    client.start();
    ScriptedServer.Stream fallback = others.get(0).stream();
    serve(fallback, "from-fallback", "both");
    assertThat(handler.names(CDS)).containsExactlyInAnyOrder("from-fallback", "both");

    // asked with back-off, in vain at first
    time.advance(Duration.ofSeconds(1));
    // a connection is refused in real time; only then is the next question on the clock
    eventually().until(() -> time.waiting().contains(Duration.ofMillis(1600)));
    startPreferred(port);
    time.advance(Duration.ofSeconds(5));
    ScriptedServer.Stream asked = server.stream();
    assertThat(fallback.isSilent()).as("nothing is given up before there is an answer").isTrue();
    asked.request();
    asked.send(response(CDS, "a", resource(CDS, "ignored", "x")));
    asked.expectCancellation();

    ScriptedServer.Stream back = server.stream();
    fallback.expectGoodbye();
    DeltaDiscoveryRequest first = serve(back, "from-first", "both");
    assertThat(first.getInitialResourceVersionsMap())
        .as("versions of another control plane mean nothing to it, and nothing is left out")
        .allSatisfy((name, version) -> assertThat(version).isEmpty());
    assertThat(handler.names(CDS)).containsExactlyInAnyOrder("from-first", "both");
    time.advance(Duration.ofMinutes(5));
    assertThat(server.hasNoMoreStreams()).as("the question is asked no more").isTrue();
    assertThat(others.get(0).hasNoMoreStreams()).isTrue();
  }

  @Test
  void withAConfigurationInForceALostControlPlaneIsWaitedFor() throws Exception {
    open(1);
    client.start();
    serve(server.stream(), "reviews");
    int port = stopPreferred();
    disconnection(1);
    for (int i = 2; i < 6; i++) {
      time.advance(Duration.ofSeconds(40));
      disconnection(i);
    }
    assertThat(others.get(0).hasNoMoreStreams()).isTrue();
    assertThat(handler.names(CDS)).containsExactly("reviews");
    startPreferred(port);
    time.advance(Duration.ofSeconds(40));
    serve(server.stream(), "reviews");
  }

  @Test
  void aResourceThatIsMissingIsAReasonToFallBackOneThatDoesNotExistIsNot() throws Exception {
    open(1);
    client.subscribe(EDS, List.of("gone"));
    client.start();
    ScriptedServer.Stream stream = server.stream();
    stream.request();
    assertThat(stream.request().getResourceNamesSubscribeList()).containsExactly("gone");
    stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
    stream.request();
    stream.send(response(EDS, "2").addRemovedResources("gone"));
    stream.request();
    stopPreferred();
    disconnection(1);
    time.advance(Duration.ofSeconds(40));
    disconnection(2);
    assertThat(others.get(0).hasNoMoreStreams()).as("it does not exist").isTrue();

    client.subscribe(EDS, List.of("new"));
    time.advance(Duration.ofSeconds(60));
    ScriptedServer.Stream fallback = others.get(0).stream();
    fallback.request();
    assertThat(fallback.request().getResourceNamesSubscribeList()).contains("new");
  }

  @Test
  void aControlPlaneThatTakesTheStreamAndIsSilentIsLeft() throws Exception {
    open(1);
    client.start();
    ScriptedServer.Stream silent = server.stream();
    silent.request();
    time.advance(Duration.ofSeconds(14));
    assertThat(others.get(0).hasNoMoreStreams()).isTrue();
    time.advance(Duration.ofSeconds(1));
    silent.expectCancellation();
    serve(others.get(0).stream(), "reviews");
    assertThat(disconnection(1).reason()).contains("no answer within PT15S");
  }

  @Test
  void withNobodyThereAllAreAskedInTurnWithTheBackOffBetweenRounds() throws Exception {
    open(2);
    client.start();
    for (int round = 1; round <= 3; round++) {
      server.stream().end(Status.UNAVAILABLE);
      assertThat(disconnection(3 * round - 2).retryIn()).isZero();
      others.get(0).stream().end(Status.UNAVAILABLE);
      assertThat(disconnection(3 * round - 1).retryIn()).isZero();
      others.get(1).stream().end(Status.UNAVAILABLE);
      Disconnection last = disconnection(3 * round);
      assertThat(last.failedAttempts()).isEqualTo(round);
      assertThat(last.retryIn())
          .isEqualTo(Duration.ofMillis((long) (1000 * Math.pow(1.6, round - 1))));
      assertThat(server.hasNoMoreStreams()).isTrue();
      time.advance(last.retryIn());
    }
  }

  @Test
  void ofTwoFallbacksTheBetterOneIsReturnedToFirst() throws Exception {
    open(2);
    int port = others.get(0).port();
    stopPreferred();
    others.get(0).close();
    client.start();
    ScriptedServer.Stream worst = others.get(1).stream();
    serve(worst, "reviews");
    others.set(0, new ScriptedServer(port, InsecureServerCredentials.create()));
    time.advance(Duration.ofSeconds(1));
    ScriptedServer.Stream asked = others.get(0).stream();
    asked.request();
    asked.send(response(CDS, "a"));
    serve(others.get(0).stream(), "reviews");
    worst.expectGoodbye();
  }
}
