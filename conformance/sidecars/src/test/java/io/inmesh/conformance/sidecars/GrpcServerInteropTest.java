package io.inmesh.conformance.sidecars;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.inmesh.conformance.GrpcEcho;
import io.inmesh.conformance.GrpcPeer;
import io.inmesh.envoy.RealEnvoy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An Envoy sidecar calls a gRPC service behind another Envoy, and the same one with Inmesh inside:
 * the caller gets the same and the application sees the same, in every mode.
 */
class GrpcServerInteropTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int ENVOYS = Shop.freePort();
  private static final int BEHIND = Shop.freePort();
  private static final int OURS = Shop.freePort();

  @TempDir static Path directory;
  private static Shop shop;
  private static Server behind;
  private static Server ours;

  @BeforeAll
  static void start() throws Exception {
    shop = new Shop(directory, Duration.ofHours(1));
    shop.write("grpc.yaml", services());
    shop.envoy("grpc-envoy", "[{\"name\":\"grpc\",\"containerPort\":%d}]".formatted(ENVOYS));
    behind = serve(NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", BEHIND)));
    ours =
        serve(
            shop.mesh("grpc-inmesh", Duration.ofHours(1), "grpc:" + OURS)
                .wrap(
                    ServerBuilder.class,
                    NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", OURS))));
  }

  @AfterAll
  static void stop() throws Exception {
    for (Server server : new Server[] {ours, behind}) {
      if (server != null) {
        server.shutdownNow();
      }
    }
    if (shop != null) {
      shop.close();
    }
  }

  private static Server serve(ServerBuilder<?> builder) throws Exception {
    GrpcEcho.services(
            (message, to) -> {
              if (message.startsWith("fail")) {
                to.onError(Status.DATA_LOSS.withDescription(message).asRuntimeException());
              } else {
                to.onNext(message);
                to.onCompleted();
              }
            })
        .forEach(builder::addService);
    return builder.intercept(new Telling()).build().start();
  }

  /** Sends back what reached the application, as response headers. */
  private static final class Telling implements ServerInterceptor {
    @Override
    public <Q, P> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
      Metadata seen = new Metadata();
      for (String name : headers.keys()) {
        seen.put(GrpcPeer.key("saw-" + name), String.join(",", all(headers, name)));
      }
      seen.put(GrpcPeer.key("saw-authority"), String.valueOf(call.getAuthority()));
      return next.startCall(
          new io.grpc.ForwardingServerCall.SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata response) {
              response.merge(seen);
              super.sendHeaders(response);
            }
          },
          headers);
    }

    private static Iterable<String> all(Metadata headers, String name) {
      Iterable<String> values = headers.getAll(GrpcPeer.key(name));
      return values == null ? List.of() : values;
    }
  }

  private static String services() {
    StringBuilder yaml = new StringBuilder();
    for (String name : List.of("grpc-envoy", "grpc-inmesh")) {
      yaml.append(
          """
          ---
          apiVersion: networking.istio.io/v1
          kind: ServiceEntry
          metadata: {name: %1$s, namespace: shop}
          spec:
            hosts: [%1$s.shop.svc.cluster.local]
            ports:
            - {number: %2$d, name: grpc, protocol: GRPC}
            location: MESH_INTERNAL
            resolution: STATIC
            workloadSelector: {labels: {app: %1$s}}
          """
              .formatted(name, shop.http2));
    }
    return yaml.append(
            """
            ---
            apiVersion: networking.istio.io/v1
            kind: Sidecar
            metadata: {name: grpc-envoy, namespace: shop}
            spec:
              workloadSelector: {labels: {app: grpc-envoy}}
              ingress:
              - {port: {number: %d, name: grpc, protocol: GRPC}, bind: 127.0.0.1, captureMode: NONE, defaultEndpoint: "127.0.0.1:%d"}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: grpc, namespace: shop}
            spec:
              action: DENY
              rules:
              - to: [{operation: {paths: ["/admin.*", "/test.Echo/Join"]}}]
              - from: [{source: {notPrincipals: [cluster.local/ns/shop/sa/envoy-client]}}]
                to: [{operation: {paths: ["/test.Echo/Count"]}}]
            """
                .formatted(ENVOYS, BEHIND))
        .toString();
  }

  /** All that a caller can tell apart; {@code direct}: without its own Envoy. */
  private static Map<String, String> ask(
      String server, boolean direct, String method, String message, String... metadata)
      throws Exception {
    int port = direct ? server.equals("grpc-envoy") ? ENVOYS : OURS : shop.http2;
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .disableRetry()
            .overrideAuthority(server + ".shop:" + shop.http2)
            .build();
    try {
      return ask(channel, method, message, GrpcPeer.metadata(metadata));
    } finally {
      channel.shutdownNow();
    }
  }

  private static Map<String, String> ask(
      Channel channel, String method, String message, Metadata metadata) throws Exception {
    Map<String, String> seen = new TreeMap<>();
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<String, String> call =
        channel.newCall(
            GrpcEcho.TALK.toBuilder().setFullMethodName(method).build(),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onHeaders(Metadata headers) {
            note(seen, "header ", headers);
          }

          @Override
          public void onMessage(String answer) {
            seen.merge("messages", answer, (a, b) -> a + "," + b);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            note(seen, "trailer ", trailers);
            end.complete(status);
          }
        },
        metadata);
    call.request(10);
    call.sendMessage(message);
    call.halfClose();
    Status status = end.get(30, TimeUnit.SECONDS);
    seen.put("status", status.getCode().name());
    seen.put("description", String.valueOf(status.getDescription()));
    return seen;
  }

  private static void note(Map<String, String> seen, String kind, Metadata from) {
    for (String name : from.keys()) {
      String value = from.get(GrpcPeer.key(name));
      if (value == null || name.equals("date")) {
        continue;
      }
      // the caller's Envoy leaves it out when the refusal overtakes the end of the request
      if (kind.equals("trailer ") && name.equals("x-envoy-upstream-service-time")) {
        continue;
      }
      seen.put(
          kind + name,
          switch (name) {
            case "x-envoy-upstream-service-time", "saw-grpc-timeout" -> "some";
            // of a Sidecar's ingress the control plane says its port, else the service's
            case "x-envoy-decorator-operation" -> "some";
            case "saw-x-request-id" -> value.equals("mine") ? value : "made";
            default ->
                value
                    .replace("grpc-envoy", "SERVER")
                    .replace("grpc-inmesh", "SERVER")
                    .replaceAll("Hash=[0-9a-f]{64}", "Hash=H")
                    .replace(String.valueOf(ENVOYS), "PORT")
                    .replace(String.valueOf(OURS), "PORT");
          });
    }
  }

  @ParameterizedTest
  @EnumSource(SidecarInteropTest.Mode.class)
  void bothServersAnswerAlike(SidecarInteropTest.Mode mode) throws Exception {
    shop.mode(mode.name());
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              for (String server : List.of("grpc-envoy", "grpc-inmesh")) {
                Map<String, String> through = ask(server, false, "test.Echo/Say", "x");
                assertThat(through).as(server).containsEntry("status", "OK");
                assertThat(through.containsKey("header saw-x-forwarded-client-cert"))
                    .as(server + ": under mutual TLS")
                    .isEqualTo(mode.mutual());
                assertThat(ask(server, true, "test.Echo/Say", "x").get("status"))
                    .as(server + " in plaintext, past the caller's Envoy")
                    .isEqualTo(mode.plaintext() ? "OK" : "UNAVAILABLE");
              }
            });
    alike(mode, "test.Echo/Say", "x");
    alike(mode, "test.Echo/Say", "fail now");
    alike(mode, "test.Echo/Talk", "x", "x-request-id", "mine", "x-forwarded-proto", "https");
    alike(mode, "test.Echo/Count", "5");
    alike(mode, "test.Echo/Join", "x");
    alike(mode, "test.Echo/Nowhere", "x");
    alike(mode, "admin.Users/List", "x");
    alike(mode, "admin.Users/Nowhere", "x");
    alike(mode, "test.Echo/Say", "x", "x-forwarded-client-cert", "By=spiffe://forged");
    alike(
        mode,
        "test.Echo/Say",
        "x",
        "x-envoy-retry-on",
        "5xx",
        "x-envoy-attempt-count",
        "7",
        "x-envoy-decorator-operation",
        "mine",
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  }

  private static void alike(
      SidecarInteropTest.Mode mode, String method, String message, String... metadata)
      throws Exception {
    for (boolean direct : new boolean[] {false, true}) {
      if (direct && !mode.plaintext()) {
        continue;
      }
      assertThat(ask("grpc-inmesh", direct, method, message, metadata))
          .as(mode + " " + method + " " + message + " " + List.of(metadata) + " direct " + direct)
          .isEqualTo(ask("grpc-envoy", direct, method, message, metadata));
    }
  }

  @ParameterizedTest
  @EnumSource(BadPeer.class)
  void callersWhoseCertificateIsNoGoodAreRefused(BadPeer kind) throws Exception {
    shop.mode("STRICT");
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(ask("grpc-inmesh", true, "test.Echo/Say", "x").get("status"))
                    .isEqualTo("UNAVAILABLE"));
    String reference = through(kind, ENVOYS, "envoy");
    assertThat(reference).startsWith("503 ").contains("remote connection failure");
    assertThat(through(kind, OURS, "inmesh")).isEqualTo(reference);
  }

  private static String through(BadPeer kind, int port, String server) throws Exception {
    OkHttpClient client = Shop.plain(Protocol.HTTP_1_1);
    Path work = directory.resolve(kind + "-grpc-" + server);
    try (RealEnvoy envoy = kind.client(shop, port, work)) {
      Request request =
          new Request.Builder().url("http://127.0.0.1:" + envoy.port("client") + "/x").build();
      try (Response response = client.newCall(request).execute()) {
        return (response.code() + " " + response.body().string())
            .replaceAll("(?s)(, transport failure reason|transport failure).*", "");
      }
    }
  }
}
