package io.inmesh.conformance.sidecars;

import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import io.inmesh.controlplane.ControlPlane;
import io.inmesh.controlplane.ControlPlaneEvent;
import io.inmesh.envoy.EnvoyBinary;
import io.inmesh.envoy.RealEnvoy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.apache.catalina.startup.Tomcat;

/**
 * One mesh on loopback: two services, one behind a real Envoy and one with Inmesh inside, and a
 * client of either kind. The same application serves both.
 */
final class Shop implements AutoCloseable {
  static final String NAMESPACE = "shop";

  /** Service ports; as number also where the client's Envoy listens. */
  final int http = freePort();

  final int http2 = freePort();

  /** Where the server's Envoy listens: declared HTTP, declared HTTP/2. */
  final List<Integer> envoyPorts = List.of(freePort(), freePort());

  /** Where the server with Inmesh inside listens. */
  final List<Integer> inmeshPorts = List.of(freePort(), freePort());

  final Path config;
  final ControlPlane plane;
  final List<String> refused = new CopyOnWriteArrayList<>();
  private final Path directory;
  private final List<AutoCloseable> parts = new ArrayList<>();
  RealEnvoy envoyServer;
  RealEnvoy envoyClient;
  OkHttpClient inmeshClient;

  /**
   * @param certificates lifetime of everybody's
   */
  Shop(Path directory, Duration certificates) throws Exception {
    EnvoyBinary.require();
    this.directory = directory;
    config = Files.createDirectories(directory.resolve("config"));
    List<Integer> behindEnvoy = List.of(freePort(), freePort());
    write("services.yaml", services());
    write("sidecars.yaml", sidecars(behindEnvoy));
    write("policies.yaml", policies());
    plane =
        ControlPlane.builder()
            .configDirectory(config)
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .envoyCertificateLifetime(certificates)
            .onEvent(this::note)
            .start();
    parts.add(plane);
    try {
      parts.add(new EchoServer(directory.resolve("app"), behindEnvoy, tomcat -> tomcat));
      envoyServer = envoy("envoy-server", podPorts(envoyPorts));
      envoyClient = envoy("envoy-client", "[]");
      Mesh server =
          mesh(
              "inmesh-server",
              certificates,
              "http:" + inmeshPorts.get(0) + ",http2:" + inmeshPorts.get(1));
      parts.add(
          new EchoServer(
              directory.resolve("tomcat"),
              inmeshPorts,
              tomcat -> server.wrap(Tomcat.class, tomcat)));
      inmeshClient =
          mesh("inmesh-client", certificates, "")
              .wrap(OkHttpClient.class, plain(Protocol.HTTP_1_1));
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  Path state() {
    return directory.resolve("state");
  }

  private void note(ControlPlaneEvent event) {
    switch (event.kind()) {
      case CONFIG_REFUSED, CONFIG_WARNING, RESOURCE_REFUSED -> refused.add(event.toString());
      default -> {}
    }
  }

  RealEnvoy envoy(String account, String ports) throws IOException {
    RealEnvoy envoy = EnvoySidecar.start(plane, account, ports, directory.resolve(account));
    parts.add(envoy);
    return envoy;
  }

  Mesh mesh(String account, Duration certificates, String ports) throws IOException {
    Mesh mesh =
        Mesh.start(
            MeshConfig.builder()
                .controlPlane("127.0.0.1:" + plane.port())
                .controlPlaneRoots(plane.rootCertificate())
                .tokenFile(plane.tokenFile(NAMESPACE, account))
                .identity(NAMESPACE, account)
                .workload(account)
                .labels(Map.of("app", account))
                .ip("127.0.0.1")
                .set(Setting.PORTS, ports)
                .set(Setting.IDENTITY_LIFETIME, certificates.toSeconds() + "s")
                .build());
    parts.add(mesh::close);
    return mesh;
  }

  /** A client without a mesh. */
  static OkHttpClient plain(Protocol protocol) {
    return new OkHttpClient.Builder()
        .protocols(List.of(protocol))
        .followRedirects(false)
        .retryOnConnectionFailure(false)
        .build();
  }

  void write(String file, String yaml) throws IOException {
    Path unfinished = config.resolve("." + file);
    Files.writeString(unfinished, yaml);
    Files.move(
        unfinished,
        config.resolve(file),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  void mode(String mode) throws IOException {
    write(
        "mode.yaml",
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: shop}
        spec: {mtls: {mode: %s}}
        """
            .formatted(mode));
  }

  private String services() {
    StringBuilder yaml = new StringBuilder();
    for (String name : List.of("envoy-server", "inmesh-server")) {
      yaml.append(
          """
          ---
          apiVersion: networking.istio.io/v1
          kind: ServiceEntry
          metadata: {name: %1$s, namespace: shop}
          spec:
            hosts: [%1$s.shop.svc.cluster.local]
            ports:
            - {number: %2$d, name: http, protocol: HTTP}
            - {number: %3$d, name: http2, protocol: HTTP2}
            location: MESH_INTERNAL
            resolution: STATIC
            workloadSelector: {labels: {app: %1$s}}
          """
              .formatted(name, http, http2));
    }
    return yaml.toString();
  }

  private String sidecars(List<Integer> application) {
    return """
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: envoy-server, namespace: shop}
        spec:
          workloadSelector: {labels: {app: envoy-server}}
          ingress:
          - {port: {number: %d, name: http, protocol: HTTP}, bind: 127.0.0.1, captureMode: NONE, defaultEndpoint: "127.0.0.1:%d"}
          - {port: {number: %d, name: http2, protocol: HTTP2}, bind: 127.0.0.1, captureMode: NONE, defaultEndpoint: "127.0.0.1:%d"}
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: envoy-client, namespace: shop}
        spec:
          workloadSelector: {labels: {app: envoy-client}}
          egress:
          - {port: {number: %d, name: http, protocol: HTTP}, bind: 127.0.0.1, captureMode: NONE, hosts: ["./*"]}
          - {port: {number: %d, name: http2, protocol: HTTP2}, bind: 127.0.0.1, captureMode: NONE, hosts: ["./*"]}
        """
        .formatted(
            envoyPorts.get(0),
            application.get(0),
            envoyPorts.get(1),
            application.get(1),
            http,
            http2);
  }

  private static String policies() {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: no-admin, namespace: shop}
        spec:
          action: DENY
          rules:
          - to: [{operation: {paths: ["/admin*"]}}]
          - from: [{source: {notPrincipals: [cluster.local/ns/shop/sa/envoy-client, cluster.local/ns/shop/sa/inmesh-client]}}]
            to: [{operation: {paths: ["/known/*"]}}]
          - from: [{source: {principals: [cluster.local/ns/shop/sa/envoy-client, cluster.local/ns/shop/sa/inmesh-client]}}]
            to: [{operation: {paths: ["/not-clients/*"]}}]
        """);
    return yaml.toString();
  }

  private static String podPorts(List<Integer> ports) {
    return "[{\"name\":\"http\",\"containerPort\":%d},{\"name\":\"http2\",\"containerPort\":%d}]"
        .formatted(ports.get(0), ports.get(1));
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** In the reverse order of their start. */
  @Override
  public void close() throws Exception {
    Collections.reverse(parts);
    for (AutoCloseable part : parts) {
      part.close();
    }
    parts.clear();
  }
}
