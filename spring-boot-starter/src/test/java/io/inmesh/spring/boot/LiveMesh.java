package io.inmesh.spring.boot;

import io.inmesh.controlplane.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** A mesh with its control plane: namespace {@code shop}, STRICT. Applications are real ones. */
public final class LiveMesh implements AutoCloseable {
  private static final String BASE =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: shop}
      spec: {mtls: {mode: STRICT}}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews.shop.svc.cluster.local]
        addresses: [10.96.0.10]
        location: MESH_INTERNAL
        resolution: STATIC
        ports: [{number: 8080, name: http, protocol: HTTP}]
        workloadSelector: {labels: {app: reviews}}
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: reviews, namespace: shop}
      spec:
        host: reviews.shop.svc.cluster.local
        subsets:
        - {name: v1, labels: {version: v1}}
        - {name: v2, labels: {version: v2}}
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: no-admin, namespace: shop}
      spec:
        selector: {matchLabels: {app: reviews}}
        action: DENY
        rules: [{to: [{operation: {paths: ["/admin*"]}}]}]
      """;

  private static final String SPLIT =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: reviews, namespace: shop}
      spec:
        hosts: [reviews.shop.svc.cluster.local]
        http:
        - route:
          - {destination: {host: reviews.shop.svc.cluster.local, subset: v1}, weight: %d}
          - {destination: {host: reviews.shop.svc.cluster.local, subset: v2}, weight: %d}
      """;

  private final Path folder;
  private final ControlPlane plane;
  private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

  public LiveMesh() {
    try {
      folder = Files.createTempDirectory("inmesh-boot");
      Files.createDirectories(folder.resolve("mesh"));
      write("base.yaml", BASE);
      split(50, 50);
      plane =
          ControlPlane.builder()
              .configDirectory(folder.resolve("mesh"))
              .stateDirectory(folder.resolve("state"))
              .listen("127.0.0.1", 0)
              .probePorts(true)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ControlPlane plane() {
    return plane;
  }

  /** How requests to reviews are shared between its versions. */
  public void split(int v1, int v2) {
    write("split.yaml", SPLIT.formatted(v1, v2));
  }

  public void write(String file, String yaml) {
    try {
      Path half = folder.resolve(file);
      Files.writeString(half, yaml);
      Files.move(half, folder.resolve("mesh").resolve(file), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an application of that name needs to join, beside its own properties. */
  public String[] properties(String name, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    try {
      all.addAll(
          List.of(
              "spring.application.name=" + name,
              "spring.main.banner-mode=off",
              "spring.jmx.enabled=false",
              "server.port=0",
              "server.address=127.0.0.1",
              "logging.level.root=warn",
              "inmesh.namespace=shop",
              "inmesh.ip=127.0.0.1",
              "inmesh.control-plane.address=127.0.0.1:" + plane.port(),
              "inmesh.control-plane.roots-file=" + plane.rootCertificate(),
              "inmesh.token-file=" + plane.tokenFile("shop", name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toArray(String[]::new);
  }

  /** Starts it; it ends with the mesh. */
  public ConfigurableApplicationContext start(Class<?> application, String name, String... more) {
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(application).properties(properties(name, more)).run();
    applications.add(context);
    return context;
  }

  public static int port(ConfigurableApplicationContext application) {
    return ((WebServerApplicationContext) application).getWebServer().getPort();
  }

  @Override
  public void close() {
    applications.forEach(ConfigurableApplicationContext::close);
    plane.close();
  }
}
