package io.inmesh.conformance.sidecars;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.MeshException;
import io.inmesh.Setting;
import io.inmesh.conformance.sidecars.Way.Asked;
import io.inmesh.envoy.RealEnvoy;
import java.nio.file.Path;
import java.time.Duration;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers whose certificate is not good are refused alike by an Envoy and by Inmesh. */
class BadPeersInteropTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static Shop shop;

  @TempDir static Path directory;

  @BeforeAll
  static void start() throws Exception {
    shop = new Shop(directory, Duration.ofHours(1));
    shop.mode("STRICT");
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              for (Way way : Way.values()) {
                assertThat(way.ask(shop, false, Asked.get("/hello")).peer()).isNotEmpty();
              }
            });
  }

  @AfterAll
  static void stop() throws Exception {
    if (shop != null) {
      shop.close();
    }
  }

  @ParameterizedTest
  @EnumSource(BadPeer.class)
  void aCallerIsRefusedByEitherServer(BadPeer kind) throws Exception {
    Answer reference = through(kind, shop.envoyPorts.get(0), "envoy");
    assertThat(reference.status()).as(reference.text()).isEqualTo(503);
    Answer ours = through(kind, shop.inmeshPorts.get(0), "inmesh");
    assertThat(ours.status()).as(ours.text()).isEqualTo(503);
    assertThat(withoutReason(ours)).isEqualTo(withoutReason(reference));
  }

  private static Answer through(BadPeer kind, int port, String server) throws Exception {
    Path work = directory.resolve(kind + "-client-" + server);
    OkHttpClient client = Shop.plain(Protocol.HTTP_1_1);
    try (RealEnvoy envoy = kind.client(shop, port, work)) {
      Request request =
          new Request.Builder().url("http://127.0.0.1:" + envoy.port("client") + "/hello").build();
      try (Response response = client.newCall(request).execute()) {
        return Answer.of(response);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BadPeer.class)
  void aServerIsRefusedByEitherCaller(BadPeer kind) throws Exception {
    try (RealEnvoy envoy = kind.server(shop, directory.resolve(kind + "-server"))) {
      String name = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      shop.write("bad-server.yaml", service(name, envoy.port("server")));
      for (boolean http2 : new boolean[] {false, true}) {
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> {
                  Answer reference = Way.ask(shop, true, name, http2, Asked.get("/hello"));
                  Answer ours = Way.ask(shop, false, name, http2, Asked.get("/hello"));
                  assertThat(reference.text()).contains("503").contains("remote connection");
                  assertThat(withoutReason(ours)).isEqualTo(withoutReason(reference));
                });
      }
      assertThat(envoy.stat("http.peer.downstream_rq_total")).as("requests that got in").isZero();
    }
  }

  /** Why TLS failed is said in the words of the library that spoke it. */
  private static String withoutReason(Answer answer) {
    return answer.text().replaceAll("(?s)(, transport failure reason|transport failure).*", "");
  }

  private static String service(String name, int port) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %1$s, namespace: shop}
        spec:
          hosts: [%1$s.shop.svc.cluster.local]
          ports:
          - {number: %2$d, name: http, protocol: HTTP, targetPort: %4$d}
          - {number: %3$d, name: http2, protocol: HTTP2, targetPort: %4$d}
          location: MESH_INTERNAL
          resolution: STATIC
          endpoints:
          - {address: 127.0.0.1, serviceAccount: bad-server}
        """
        .formatted(name, shop.http, shop.http2, port);
  }

  /** Inmesh itself does not start with such a certificate: nothing is sent with it. */
  @ParameterizedTest
  @EnumSource(BadPeer.class)
  void inmeshDoesNotStartWithACertificateThatIsNoGood(BadPeer kind) throws Exception {
    Path work = directory.resolve(kind + "-client-envoy");
    through(kind, shop.envoyPorts.get(0), "envoy"); // its files
    MeshConfig config =
        MeshConfig.builder()
            .controlPlane("127.0.0.1:" + shop.plane.port())
            .controlPlaneRoots(shop.plane.rootCertificate())
            .tokenFile(shop.plane.tokenFile(Shop.NAMESPACE, "envoy-client"))
            .identity(Shop.NAMESPACE, "envoy-client")
            .set(Setting.IDENTITY, "files")
            .set(Setting.IDENTITY_CHAIN_FILE, work.resolve("chain.pem").toString())
            .set(Setting.IDENTITY_KEY_FILE, work.resolve("key.pem").toString())
            .set(Setting.IDENTITY_ROOTS_FILE, shop.plane.rootCertificate().toString())
            .set(Setting.TRUST_DOMAIN, "cluster.local")
            .startLimit(Duration.ofSeconds(2), MeshConfig.OnStartLimit.FAIL)
            .build();
    assertThatThrownBy(() -> Mesh.start(config).close())
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("has not started")
        .hasMessageContaining("certificate");
  }
}
