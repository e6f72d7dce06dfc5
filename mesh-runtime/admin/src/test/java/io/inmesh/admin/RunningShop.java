package io.inmesh.admin;

import com.sun.net.httpserver.HttpServer;
import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.Setting;
import io.inmesh.controlplane.ControlPlane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** A control plane, a service without a mesh, and a client with one and its admin server. */
public final class RunningShop implements AutoCloseable {
  public final HttpServer application;
  public final int admin = freePort();
  public final int service = freePort();
  final Path config;
  private final ControlPlane plane;
  private final Mesh mesh;
  final OkHttpClient client;

  public RunningShop(Path directory, UnaryOperator<MeshConfig.Builder> more) throws Exception {
    application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    application.createContext(
        "/",
        exchange -> {
          boolean bad = exchange.getRequestURI().getPath().equals("/bad");
          exchange.sendResponseHeaders(bad ? 500 : 200, -1);
          exchange.close();
        });
    application.start();
    config = Files.createDirectories(directory.resolve("config"));
    service("reviews", applicationPort());
    plane =
        ControlPlane.builder()
            .configDirectory(config)
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .start();
    mesh =
        Mesh.start(
            more.apply(
                    MeshConfig.builder()
                        .controlPlane("127.0.0.1:" + plane.port())
                        .controlPlaneRoots(plane.rootCertificate())
                        .tokenFile(plane.tokenFile("shop", "storefront"))
                        .identity("shop", "storefront")
                        .workload("storefront-1")
                        .ip("127.0.0.1")
                        .set(Setting.ADMIN_ADDRESS, "127.0.0.1:" + admin))
                .build());
    client = mesh.wrap(OkHttpClient.class, new OkHttpClient());
  }

  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public int applicationPort() {
    return application.getAddress().getPort();
  }

  /** One more, on this port of the machine. */
  public void service(String name, int targetPort) throws IOException {
    Files.writeString(
        config.resolve(name + ".yaml"),
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %1$s, namespace: shop}
        spec:
          hosts: [%1$s.shop.svc.cluster.local]
          ports: [{number: %2$d, name: http, protocol: HTTP, targetPort: %3$d}]
          location: MESH_INTERNAL
          resolution: STATIC
          endpoints: [{address: 127.0.0.1}]
        """
            .formatted(name, service, targetPort));
  }

  public int call(String name, String path) throws IOException {
    Request request =
        new Request.Builder().url("http://" + name + ".shop:" + service + path).build();
    try (Response response = client.newCall(request).execute()) {
      return response.code();
    }
  }

  HttpResponse<String> ask(String method, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() throws Exception {
    mesh.close();
    plane.close();
    application.stop(0);
  }
}
