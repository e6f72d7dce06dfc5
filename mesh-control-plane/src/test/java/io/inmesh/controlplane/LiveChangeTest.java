package io.inmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Editing the YAML while workloads are connected. */
class LiveChangeTest {
  private static final Path RECORDED =
      Path.of("src/test/resources/recordings/02-weighted-steps/config");

  @TempDir Path directory;
  private final List<ControlPlaneEvent> events = new CopyOnWriteArrayList<>();
  private ControlPlane plane;
  private MeshClient client;

  @BeforeEach
  void start() throws Exception {
    try (var files = Files.list(RECORDED)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    plane =
        ControlPlane.builder()
            .configDirectory(directory)
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .onEvent(events::add)
            .start();
    client =
        MeshClient.connect(
            plane,
            MeshClient.node("storefront", "shop", "storefront", "storefront", "v1", "[]"),
            "storefront",
            "8080");
    await().until(() -> weights().equals(List.of(90, 10)));
  }

  @AfterEach
  void stop() {
    client.close();
    plane.close();
  }

  private List<Integer> weights() throws Exception {
    Any routes = client.all(MeshClient.RDS).get("8080");
    if (routes == null) {
      return List.of();
    }
    return RouteConfiguration.parseFrom(routes.getValue()).getVirtualHostsList().stream()
        .filter(host -> host.getName().equals("reviews.shop.svc.cluster.local:8080"))
        .flatMap(
            host -> host.getRoutes(0).getRoute().getWeightedClusters().getClustersList().stream())
        .map(WeightedCluster.ClusterWeight::getWeight)
        .map(weight -> weight.getValue())
        .toList();
  }

  private void writeWeights(int v1, int v2) throws Exception {
    String yaml = Files.readString(RECORDED.resolve("virtualservice.yaml"));
    Files.writeString(
        directory.resolve("virtualservice.yaml"),
        yaml.replace("weight: 90", "weight: " + v1).replace("weight: 10", "weight: " + v2));
  }

  @Test
  void aChangedWeightIsAtTheClientWithinAHundredMilliseconds() throws Exception {
    List<Long> micros = new ArrayList<>();
    for (int v1 = 80; v1 >= 40; v1--) {
      List<Integer> wanted = List.of(v1, 100 - v1);
      long start = System.nanoTime();
      writeWeights(v1, 100 - v1);
      await()
          .pollInterval(Duration.ofMillis(1))
          .pollDelay(Duration.ZERO)
          .until(() -> weights().equals(wanted));
      micros.add((System.nanoTime() - start) / 1000);
    }
    Collections.sort(micros);
    String figure =
        "file written to xDS at the client, "
            + micros.size()
            + " changes, ms: median "
            + micros.get(micros.size() / 2) / 1000.0
            + ", max "
            + micros.get(micros.size() - 1) / 1000.0
            + "\n";
    Files.writeString(Path.of("target/change-latency.txt"), figure);
    assertThat(micros.get(micros.size() / 2)).as(figure).isLessThan(100_000);
  }

  @Test
  void onlyTheRoutesAreSentWhenOnlyAWeightChanged() throws Exception {
    int before = client.responses.size();
    writeWeights(50, 50);
    await().until(() -> weights().equals(List.of(50, 50)));
    assertThat(client.responses.subList(before, client.responses.size()))
        .extracting(DeltaDiscoveryResponse::getTypeUrl)
        .containsOnly(MeshClient.RDS);
  }

  @Test
  void aBadFileIsRefusedItsLastGoodStateStaysAndOtherFilesStillChange() throws Exception {
    Files.writeString(
        directory.resolve("virtualservice.yaml"),
        Files.readString(RECORDED.resolve("virtualservice.yaml"))
            .replace("retryOn: \"gateway", "retryOn: \"nonsense"));
    await()
        .until(
            () -> events.stream().anyMatch(e -> e.kind() == ControlPlaneEvent.Kind.CONFIG_REFUSED));
    assertThat(
            events.stream()
                .filter(e -> e.kind() == ControlPlaneEvent.Kind.CONFIG_REFUSED)
                .findFirst()
                .orElseThrow()
                .detail())
        .isEqualTo(
            "virtualservice.yaml:11: spec.http[0].retries.retryOn: \"nonsense-error\" is not a retry condition of Envoy and not a status code");
    assertThat(weights()).isEqualTo(List.of(90, 10));

    Files.delete(directory.resolve("reviews-v2.yaml"));
    String v2 = "outbound|8080|v2|reviews.shop.svc.cluster.local";
    await().untilAsserted(() -> assertThat(client.endpoints(v2)).isEmpty());
    assertThat(weights()).isEqualTo(List.of(90, 10));

    writeWeights(20, 80);
    await().until(() -> weights().equals(List.of(20, 80)));
  }

  @Test
  void whatIsGoneIsRemovedOnlyAfterNothingUsesItAnyMore() throws Exception {
    int before = client.responses.size();
    Files.delete(directory.resolve("virtualservice.yaml"));
    Files.delete(directory.resolve("destinationrule.yaml"));
    String subset = "outbound|8080|v1|reviews.shop.svc.cluster.local";
    await().until(() -> !client.all(MeshClient.CDS).containsKey(subset));
    List<DeltaDiscoveryResponse> after =
        List.copyOf(client.responses.subList(before, client.responses.size()));
    int routes = 0;
    int removal = 0;
    for (int i = 0; i < after.size(); i++) {
      if (after.get(i).getTypeUrl().equals(MeshClient.RDS)) {
        routes = i;
      }
      if (after.get(i).getRemovedResourcesList().contains(subset) && removal == 0) {
        removal = i;
      }
    }
    assertThat(removal)
        .as("removal comes after the routes that no longer name the subset")
        .isGreaterThan(routes);
    assertThat(client.all(MeshClient.EDS)).doesNotContainKey(subset);
  }

  @Test
  void aVirtualServiceForAHostThatNobodyHasIsInForceAndWarnedOfOnce() throws Exception {
    Files.writeString(
        directory.resolve("zz-lost.yaml"),
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: lost, namespace: shop}
        spec:
          hosts: [reveiws]
          http: [{route: [{destination: {host: reviews}}]}]
        """);
    await().until(() -> !warnings().isEmpty());
    writeWeights(80, 20);
    await().until(() -> weights().equals(List.of(80, 20)));
    assertThat(warnings())
        .containsExactly(
            "zz-lost.yaml:1: VirtualService shop/lost: no ServiceEntry has the host"
                + " reveiws.shop.svc.cluster.local: no request meets it");
  }

  private List<String> warnings() {
    return events.stream()
        .filter(event -> event.kind() == ControlPlaneEvent.Kind.CONFIG_WARNING)
        .map(ControlPlaneEvent::detail)
        .toList();
  }
}
