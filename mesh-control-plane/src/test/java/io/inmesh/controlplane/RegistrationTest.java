package io.inmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workloads become endpoints by connecting, and stay or go as they leave. */
class RegistrationTest {
  private static final String CLUSTER = "outbound|8080||reviews.shop.svc.cluster.local";
  private static final String SERVICES =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews.shop.svc.cluster.local]
        addresses: [10.96.0.10]
        ports: [{number: 8080, name: http, protocol: HTTP}]
        location: MESH_INTERNAL
        resolution: STATIC
        workloadSelector: {labels: {app: reviews}}
      """;

  @TempDir Path directory;
  private final List<ControlPlaneEvent> events = new CopyOnWriteArrayList<>();
  private ControlPlane plane;

  @BeforeEach
  void start() throws Exception {
    Files.createDirectory(directory.resolve("config"));
    Files.writeString(directory.resolve("config/services.yaml"), SERVICES);
    plane = builder(0).start();
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private ControlPlaneBuilder builder(int port) {
    return ControlPlane.builder()
        .configDirectory(directory.resolve("config"))
        .stateDirectory(directory.resolve("state"))
        .listen("127.0.0.1", port)
        .endpointGrace(Duration.ofMillis(700))
        .reconnectGrace(Duration.ofSeconds(2))
        .onEvent(events::add);
  }

  private MeshClient storefront() throws Exception {
    return MeshClient.connect(
        plane,
        MeshClient.node("storefront", "shop", "storefront", "storefront", "v1", "[]"),
        "storefront",
        "8080");
  }

  private MeshClient reviews(String name, int port) throws Exception {
    return MeshClient.connect(
        plane,
        MeshClient.node(
            name,
            "shop",
            "reviews",
            "reviews",
            "v1",
            "[{\"name\":\"http\",\"containerPort\":" + port + "}]"),
        "reviews");
  }

  private List<ControlPlaneEvent.Kind> kinds(String workload) {
    return events.stream()
        .filter(e -> e.subject().equals("shop/" + workload))
        .map(ControlPlaneEvent::kind)
        .toList();
  }

  @Test
  void twoInstancesOnOneAddressAreTwoEndpointsAndEachGetsItsOwnInboundChain() throws Exception {
    try (MeshClient client = storefront();
        MeshClient a = reviews("reviews-a", 18081);
        MeshClient b = reviews("reviews-b", 18082)) {
      await()
          .untilAsserted(
              () ->
                  assertThat(client.endpoints(CLUSTER))
                      .containsExactly("127.0.0.1:18081", "127.0.0.1:18082"));
      await()
          .untilAsserted(
              () ->
                  assertThat(a.all(MeshClient.CDS))
                      .containsKey("inbound|18081||")
                      .doesNotContainKey("inbound|18082||"));
      await()
          .untilAsserted(
              () ->
                  assertThat(b.all(MeshClient.CDS))
                      .containsKey("inbound|18082||")
                      .doesNotContainKey("inbound|18081||"));
    }
  }

  @Test
  void aWorkloadThatSaysGoodbyeIsGoneAtOnce() throws Exception {
    try (MeshClient client = storefront();
        MeshClient a = reviews("reviews-a", 18081)) {
      await().until(() -> client.endpoints(CLUSTER).size() == 1);
      a.leave();
      await()
          .atMost(Duration.ofMillis(500))
          .untilAsserted(() -> assertThat(client.endpoints(CLUSTER)).isEmpty());
      await()
          .untilAsserted(
              () ->
                  assertThat(kinds("reviews-a"))
                      .containsExactly(
                          ControlPlaneEvent.Kind.REGISTERED, ControlPlaneEvent.Kind.REMOVED));
    }
  }

  @Test
  void aWorkloadThatVanishesStaysForTheGraceAndThenGoes() throws Exception {
    try (MeshClient client = storefront();
        MeshClient a = reviews("reviews-a", 18081)) {
      await().until(() -> client.endpoints(CLUSTER).size() == 1);
      a.vanish();
      await().until(() -> kinds("reviews-a").contains(ControlPlaneEvent.Kind.LOST));
      assertThat(client.endpoints(CLUSTER)).hasSize(1);
      await()
          .atMost(Duration.ofSeconds(3))
          .untilAsserted(() -> assertThat(client.endpoints(CLUSTER)).isEmpty());
      await().until(() -> kinds("reviews-a").contains(ControlPlaneEvent.Kind.REMOVED));
      ControlPlaneEvent lost =
          events.stream()
              .filter(e -> e.kind() == ControlPlaneEvent.Kind.LOST)
              .findFirst()
              .orElseThrow();
      ControlPlaneEvent removed =
          events.stream()
              .filter(e -> e.kind() == ControlPlaneEvent.Kind.REMOVED)
              .findFirst()
              .orElseThrow();
      assertThat(Duration.between(lost.at(), removed.at()))
          .isBetween(Duration.ofMillis(690), Duration.ofMillis(1500));
    }
  }

  @Test
  void aRestartOfTheControlPlaneTakesNoEndpointFromAnybody() throws Exception {
    int port = plane.port();
    Path root = plane.rootCertificate();
    try (MeshClient client = storefront();
        MeshClient a = reviews("reviews-a", 18081);
        MeshClient b = reviews("reviews-b", 18082)) {
      await().until(() -> client.endpoints(CLUSTER).size() == 2);
      plane.close();
      await()
          .until(
              () -> client.ended.get() != null && a.ended.get() != null && b.ended.get() != null);
      assertThat(client.ended.get().getCode()).isEqualTo(io.grpc.Status.Code.UNAVAILABLE);
    }
    plane = builder(port).start();
    assertThat(Files.readString(root)).isEqualTo(Files.readString(plane.rootCertificate()));
    try (MeshClient client = storefront();
        MeshClient a = reviews("reviews-a", 18081)) {
      // neither has b connected again nor has the client waited: it sees both at once
      await().until(() -> client.all(MeshClient.EDS).containsKey(CLUSTER));
      for (var response : client.responses) {
        if (response.getTypeUrl().equals(MeshClient.EDS)) {
          assertThat(response.getResourcesList())
              .allSatisfy(resource -> assertThat(endpointsIn(resource)).isEqualTo(2));
        }
      }
      await()
          .untilAsserted(
              () -> assertThat(kinds("reviews-a")).endsWith(ControlPlaneEvent.Kind.RETURNED));
      // b does not come back: it goes when the reconnect grace is over, and not before
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> client.endpoints(CLUSTER).equals(List.of("127.0.0.1:18081")));
      await()
          .untilAsserted(
              () -> assertThat(kinds("reviews-b")).endsWith(ControlPlaneEvent.Kind.REMOVED));
    }
  }

  private static int endpointsIn(io.envoyproxy.envoy.service.discovery.v3.Resource resource)
      throws Exception {
    return io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.parseFrom(
            resource.getResource().getValue())
        .getEndpointsList()
        .stream()
        .mapToInt(group -> group.getLbEndpointsCount())
        .sum();
  }

  @Test
  void aWorkloadThatComesBackInTimeIsNeverMissed() throws Exception {
    try (MeshClient client = storefront()) {
      MeshClient first = reviews("reviews-a", 18081);
      await().until(() -> client.endpoints(CLUSTER).size() == 1);
      first.vanish();
      await().until(() -> kinds("reviews-a").contains(ControlPlaneEvent.Kind.LOST));
      int before = client.responses.size();
      try (MeshClient second = reviews("reviews-a", 18081)) {
        await().until(() -> kinds("reviews-a").contains(ControlPlaneEvent.Kind.RETURNED));
        await().during(Duration.ofMillis(900)).until(() -> client.endpoints(CLUSTER).size() == 1);
        assertThat(client.responses).as("nothing changed, so nothing is sent").hasSize(before);
      }
    }
  }

  @Test
  void aKilledProcessIsLostAndForgivenForTheGrace() throws Exception {
    try (MeshClient client = storefront()) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  MeshClient.class.getName(),
                  String.valueOf(plane.port()),
                  plane.rootCertificate().toString(),
                  plane.tokenFile("shop", "reviews").toString(),
                  "18083")
              .inheritIO()
              .start();
      try {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> client.endpoints(CLUSTER).equals(List.of("127.0.0.1:18083")));
      } finally {
        process.destroyForcibly(); // SIGKILL
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(kinds("reviews-killed"))
                      .containsExactly(
                          ControlPlaneEvent.Kind.REGISTERED,
                          ControlPlaneEvent.Kind.LOST,
                          ControlPlaneEvent.Kind.REMOVED));
      await().untilAsserted(() -> assertThat(client.endpoints(CLUSTER)).isEmpty());
    }
  }

  @Test
  void whatWasChangedByHandIsNotBelieved() throws Exception {
    int port = plane.port();
    try (MeshClient a = reviews("reviews-a", 18081)) {
      await().until(() -> kinds("reviews-a").contains(ControlPlaneEvent.Kind.REGISTERED));
      plane.close();
    }
    Path file = directory.resolve("state/registrations.json");
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    Files.writeString(file, Files.readString(file).replace("18081", "18666"));
    plane = builder(port).start();
    try (MeshClient client = storefront()) {
      await().until(() -> client.all(MeshClient.EDS).containsKey(CLUSTER));
      assertThat(client.endpoints(CLUSTER)).isEmpty();
    }
  }

  @Test
  void twoControlPlanesCannotShareAStateDirectory() {
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> builder(0).start())
        .hasMessageContaining("another control plane uses the state directory");
  }

  @Test
  void onlyLoopbackUnlessToldOtherwise() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                builder(0).stateDirectory(directory.resolve("other")).listen("0.0.0.0", 0).start())
        .hasMessageContaining("0.0.0.0 can be reached from other machines");
  }
}
