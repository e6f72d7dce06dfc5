package io.inmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody is sent to a workload that has connected and not yet opened its port. */
class ReadinessTest {
  private static final String CLUSTER = "outbound|8080||reviews.shop.svc.cluster.local";
  private static final String SERVICE =
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

  @Test
  void isNoEndpointBeforeItsPortIsOpenButHasItsOwnConfiguration() throws Exception {
    Files.createDirectory(directory.resolve("config"));
    Files.writeString(directory.resolve("config/services.yaml"), SERVICE);
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
    List<ControlPlaneEvent.Kind> events = new CopyOnWriteArrayList<>();
    try (ControlPlane plane =
            ControlPlane.builder()
                .configDirectory(directory.resolve("config"))
                .stateDirectory(directory.resolve("state"))
                .listen("127.0.0.1", 0)
                .probePorts(true)
                .onEvent(event -> events.add(event.kind()))
                .start();
        MeshClient client =
            MeshClient.connect(
                plane,
                MeshClient.node("storefront", "shop", "storefront", "storefront", "v1", "[]"),
                "storefront",
                "8080");
        MeshClient reviews =
            MeshClient.connect(
                plane,
                MeshClient.node(
                    "reviews-a",
                    "shop",
                    "reviews",
                    "reviews",
                    "v1",
                    "[{\"name\":\"http\",\"containerPort\":" + port + "}]"),
                "reviews")) {
      await()
          .untilAsserted(
              () -> assertThat(reviews.all(MeshClient.CDS)).containsKey("inbound|" + port + "||"));
      assertThat(client.endpoints(CLUSTER)).isEmpty();
      assertThat(events).containsOnlyOnce(ControlPlaneEvent.Kind.REGISTERED); // the storefront
      try (ServerSocket opened = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
        assertThat(opened.isBound()).isTrue();
        await()
            .untilAsserted(
                () -> assertThat(client.endpoints(CLUSTER)).containsExactly("127.0.0.1:" + port));
      }
    }
  }
}
