package io.inmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two xDS protocols, as istiod speaks them. */
class StreamTest {
  private static final Path RECORDED =
      Path.of("src/test/resources/recordings/01-plain/config/services.yaml");
  private static final String NOTHING = "outbound|8080||absent.shop.svc.cluster.local";

  @TempDir Path directory;
  private final List<ControlPlaneEvent> events = new CopyOnWriteArrayList<>();
  private ControlPlane plane;

  @BeforeEach
  void start() throws Exception {
    Files.copy(RECORDED, directory.resolve("services.yaml"));
    plane =
        ControlPlane.builder()
            .configDirectory(directory)
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .onEvent(events::add)
            .start();
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private static Node node() {
    return MeshClient.node("storefront-x", "shop", "storefront", "storefront", "v1", "[]");
  }

  private List<DeltaDiscoveryResponse> of(MeshClient client, String type) {
    return List.copyOf(client.responses).stream()
        .filter(response -> response.getTypeUrl().equals(type))
        .toList();
  }

  @Test
  void namesThatDoNotExistAreAnsweredEmpty() throws Exception {
    try (MeshClient client =
        MeshClient.connect(plane, node(), "storefront", "no-such-route", "12345")) {
      client.subscribe(MeshClient.EDS, NOTHING);
      await()
          .until(
              () ->
                  client.all(MeshClient.EDS).containsKey(NOTHING)
                      && client.all(MeshClient.RDS).size() == 2);
      assertThat(client.endpoints(NOTHING)).isEmpty();
      RouteConfiguration number =
          RouteConfiguration.parseFrom(client.all(MeshClient.RDS).get("12345").getValue());
      assertThat(number.getVirtualHostsList())
          .extracting(VirtualHost::getName)
          .containsExactly("allow_any");
      assertThat(
              RouteConfiguration.parseFrom(
                      client.all(MeshClient.RDS).get("no-such-route").getValue())
                  .getVirtualHostsList())
          .isEmpty();
    }
  }

  @Test
  void aTypeThatIsNotServedIsAnsweredWithNothing() throws Exception {
    String unknown = "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration";
    try (MeshClient client = MeshClient.connect(plane, node(), "storefront")) {
      client.subscribe(unknown, "x");
      await().until(() -> of(client, unknown).size() == 1);
      assertThat(of(client, unknown).get(0).getResourcesList()).isEmpty();
    }
  }

  @Test
  void aNackIsLoggedToldAndNotAnswered() throws Exception {
    try (MeshClient client = MeshClient.connect(plane, node(), "storefront")) {
      await().until(() -> client.all(MeshClient.LDS).containsKey("virtualInbound"));
      int before = of(client, MeshClient.LDS).size();
      client.send(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(MeshClient.LDS)
              .setResponseNonce("any")
              .setErrorDetail(Status.newBuilder().setMessage("virtualInbound: no such filter")));
      await()
          .until(
              () ->
                  events.stream()
                      .anyMatch(e -> e.kind() == ControlPlaneEvent.Kind.RESOURCE_REFUSED));
      ControlPlaneEvent refused =
          events.stream()
              .filter(e -> e.kind() == ControlPlaneEvent.Kind.RESOURCE_REFUSED)
              .findFirst()
              .orElseThrow();
      assertThat(refused.subject()).isEqualTo(node().getId());
      assertThat(refused.detail()).isEqualTo(MeshClient.LDS + ": virtualInbound: no such filter");
      assertThat(of(client, MeshClient.LDS)).hasSize(before);
    }
  }

  @Test
  void aClientThatComesBackIsToldWhatIsGone() throws Exception {
    String gone = "outbound|8080||gone.shop.svc.cluster.local";
    ManagedChannel channel = MeshClient.channel(plane.port(), plane.rootCertificate());
    List<DeltaDiscoveryResponse> responses = new CopyOnWriteArrayList<>();
    StreamObserver<DeltaDiscoveryRequest> requests =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .withCallCredentials(MeshClient.token(plane.tokenFile("shop", "storefront")))
            .deltaAggregatedResources(collect(responses));
    requests.onNext(
        DeltaDiscoveryRequest.newBuilder()
            .setNode(node())
            .setTypeUrl(MeshClient.CDS)
            .putInitialResourceVersions(gone, "")
            .putInitialResourceVersions("BlackHoleCluster", "")
            .build());
    await().until(() -> responses.size() == 2);
    assertThat(responses.get(0).getResourcesList())
        .as("everything again, as from istiod")
        .hasSizeGreaterThan(10);
    assertThat(responses.get(1).getRemovedResourcesList()).containsExactly(gone);
    channel.shutdownNow();
  }

  @Test
  void stateOfTheWorldLeavesOutWhatIsGone() throws Exception {
    ManagedChannel channel = MeshClient.channel(plane.port(), plane.rootCertificate());
    List<DiscoveryResponse> responses = new CopyOnWriteArrayList<>();
    StreamObserver<DiscoveryRequest> requests =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .withCallCredentials(MeshClient.token(plane.tokenFile("shop", "storefront")))
            .streamAggregatedResources(collect(responses));
    requests.onNext(
        DiscoveryRequest.newBuilder().setNode(node()).setTypeUrl(MeshClient.CDS).build());
    await().until(() -> responses.size() == 1);
    DiscoveryResponse first = responses.get(0);
    requests.onNext(
        DiscoveryRequest.newBuilder()
            .setTypeUrl(MeshClient.CDS)
            .setVersionInfo(first.getVersionInfo())
            .setResponseNonce(first.getNonce())
            .build());
    requests.onNext(
        DiscoveryRequest.newBuilder().setTypeUrl(MeshClient.RDS).addResourceNames("8080").build());
    await().until(() -> responses.size() == 2);
    assertThat(responses.get(1).getTypeUrl()).isEqualTo(MeshClient.RDS);
    assertThat(responses.get(1).getResourcesCount()).isEqualTo(1);

    String yaml = Files.readString(RECORDED);
    Files.writeString(
        directory.resolve("services.yaml"),
        yaml.substring(
            0,
            yaml.indexOf(
                "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: payments")));
    await().atMost(Duration.ofSeconds(5)).until(() -> responses.size() >= 4);
    assertThat(first.getResourcesCount() - responses.get(2).getResourcesCount()).isEqualTo(1);
    channel.shutdownNow();
  }

  private static <T> StreamObserver<T> collect(List<T> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T response) {
        responses.add(response);
      }

      @Override
      public void onError(Throwable cause) {}

      @Override
      public void onCompleted() {}
    };
  }
}
