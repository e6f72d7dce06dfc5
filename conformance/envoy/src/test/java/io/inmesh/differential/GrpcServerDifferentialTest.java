package io.inmesh.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.inmesh.call.Outcome;
import io.inmesh.conformance.GrpcEcho;
import io.inmesh.conformance.GrpcPeer;
import io.inmesh.envoy.RealEnvoy;
import io.inmesh.grpc.server.MeshServerBuilder;
import io.inmesh.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a gRPC caller gets to see: of an Envoy before a plain grpc-java server, and of a meshed
 * server under the same configuration.
 */
@Timeout(60)
class GrpcServerDifferentialTest {
  private static final String MANAGER =
      """
      {"stat_prefix":"s","server_name":"istio-envoy","codec_type":"AUTO",
       "route_config":{"name":"r","virtual_hosts":[{"name":"v","domains":["*"],"routes":[
         {"name":"mapped","match":{"prefix":"/test.Mapped/"},"direct_response":{"status":%1$s,"body":{"inline_string":"mapped"}}},
         {"name":"gone","match":{"prefix":"/test.Moved/"},"redirect":{"host_redirect":"elsewhere"}},
         {"name":"slow","match":{"prefix":"/test.Echo/Say"},"route":{"cluster":"c0","timeout":"0.3s"}},
         {"name":"edited","match":{"prefix":"/test.Echo/Join"},"route":{"cluster":"c0","timeout":"0s"},
          "request_headers_to_add":[{"header":{"key":"x-added","value":"in"}}],
          "response_headers_to_add":[{"header":{"key":"x-added","value":"out"}}],
          "response_headers_to_remove":["x-app"]},
         {"name":"open","match":{"prefix":"/test.Echo/"},"route":{"cluster":"c0","timeout":"0s",
          "max_stream_duration":{"max_stream_duration":"0s","grpc_timeout_header_max":"0s"}}}]}]},
       "http_filters":[
        {"name":"envoy.filters.http.rbac","typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
          "rules":{"action":"DENY","policies":{"no-admin":{"permissions":[{"url_path":{"path":{"prefix":"/admin"}}}],"principals":[{"any":true}]}}}}},
        {"name":"envoy.filters.http.router","typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}
      """;

  private static final List<Integer> STATUSES =
      List.of(400, 401, 403, 404, 408, 413, 429, 500, 501, 502, 503, 504);

  @TempDir static Path directory;
  private static Upstreams upstreams;
  private static RealEnvoy envoy;
  private static Server behind;
  private static Server meshed;
  private static final HandedOver mesh = new HandedOver();
  private static final Map<Integer, Integer> ports = new TreeMap<>();
  private static Path log;

  /** An RPC and, where it matters, the HTTP status that a route answers with. */
  record Case(String name, String method, String message, int mapped, String... metadata) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    all.add(new Case("denied by policy", "admin.Users/List", "x", 403));
    all.add(new Case("no route", "nowhere.At/All", "x", 403));
    all.add(new Case("redirected", "test.Moved/Say", "x", 403));
    all.add(new Case("served", "test.Echo/Stream", "hello", 403));
    all.add(new Case("edited both ways", "test.Echo/Join", "hello", 403));
    all.add(new Case("not implemented", "test.Echo/Nothing", "x", 403));
    all.add(new Case("the route's time-out", "test.Echo/Say", "never", 403));
    all.add(
        new Case(
            "the caller's time-out", "test.Echo/Stream", "never", 403, "grpc-timeout", "300m"));
    all.add(
        new Case(
            "the caller's time-out, begun",
            "test.Echo/Stream",
            "begin",
            403,
            "grpc-timeout",
            "300m"));
    for (int status : STATUSES) {
      all.add(new Case("answered " + status, "test.Mapped/X", "x", status));
    }
    return all;
  }

  private static void say(String message, StreamObserver<String> to) {
    switch (message) {
      case "never" -> {}
      case "begin" -> to.onNext("begun");
      default -> {
        to.onNext(message);
        to.onCompleted();
      }
    }
  }

  @BeforeAll
  static void start() throws Exception {
    upstreams = new Upstreams();
    List<ServerServiceDefinition> services = GrpcEcho.services(GrpcServerDifferentialTest::say);
    NettyServerBuilder plain = NettyServerBuilder.forPort(0);
    services.forEach(plain::addService);
    behind = plain.build().start();
    MeshServerBuilder builder = MeshServerBuilder.of(NettyServerBuilder.forPort(0), mesh);
    services.forEach(builder::addService);
    meshed = builder.build().start();
    log = RealEnvoy.accessLog(directory);
    StringBuilder listeners = new StringBuilder();
    for (int status : STATUSES) {
      ports.put(status, freePort());
      String manager = MANAGER.formatted(status).strip();
      listeners
          .append(listeners.isEmpty() ? "" : ",")
          .append(
              """
              {"name":"l%1$d","traffic_direction":"INBOUND","address":{"socket_address":{"address":"127.0.0.1","port_value":%2$d}},
               "filter_chains":[{"filters":[{"name":"hcm","typed_config":
               {"@type":"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "access_log":[{"name":"log","typed_config":{"@type":"type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
                "path":"%3$s","log_format":{"text_format_source":{"inline_string":"%%REQ(x-case)%%|%%RESPONSE_FLAGS%%|%%RESPONSE_CODE_DETAILS%%\\n"}}}}],
               """
                  .formatted(status, ports.get(status), log))
          .append(manager.substring(1))
          .append("}]}]}");
    }
    envoy =
        RealEnvoy.start(
            """
            {"static_resources":{"listeners":[%s],"clusters":[{"name":"c0","type":"STATIC","connect_timeout":"5s",
              "typed_extension_protocol_options":{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions":{
                "@type":"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config":{"http2_protocol_options":{}}}},
              "load_assignment":{"cluster_name":"c0","endpoints":[{"lb_endpoints":[{"endpoint":{"address":{
                "socket_address":{"address":"127.0.0.1","port_value":%d}}}}]}]}}]}}
            """
                .formatted(listeners, behind.getPort()),
            directory);
  }

  @AfterAll
  static void stop() throws Exception {
    if (envoy != null) {
      envoy.close();
    }
    meshed.shutdownNow();
    behind.shutdownNow();
    upstreams.close();
    mesh.close();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void callersSeeTheSame(Case rpc) throws Exception {
    HttpConnectionManager.Builder manager = HttpConnectionManager.newBuilder();
    JsonFormat.parser()
        .usingTypeRegistry(Protos.types())
        .merge(MANAGER.formatted(rpc.mapped()), manager);
    mesh.use(new Scenario(true, manager.build(), List.of()), upstreams);
    Map<String, String> envoys = ask(ports.get(rpc.mapped()), rpc);
    int before = mesh.mesh.outcomes().size();
    Map<String, String> ours = ask(meshed.getPort(), rpc);
    if (rpc.name().endsWith("begun")) { // a named deviation: Envoy resets what has begun
      assertThat(envoys).containsEntry("status", "INTERNAL");
      assertThat(ours).containsEntry("status", "DEADLINE_EXCEEDED");
      for (String key : List.of("status", "description")) {
        envoys.remove(key);
        ours.remove(key);
      }
    }
    assertThat(ours).isEqualTo(envoys);
    Outcome outcome = OnSockets.until(() -> last(before));
    String[] logged = OnSockets.until(() -> logged(rpc.name()));
    assertThat(outcome.flags() + "|" + outcome.details()).isEqualTo(logged[1] + "|" + logged[2]);
  }

  private static @Nullable Outcome last(int before) {
    List<Outcome> all = mesh.mesh.outcomes();
    return all.size() > before ? all.get(before) : null;
  }

  private static String @Nullable [] logged(String name) throws Exception {
    for (String line : Files.readAllLines(log)) {
      if (line.startsWith(name + "|")) {
        return line.split("\\|", -1);
      }
    }
    return null;
  }

  /** All that a caller can tell apart, but for what must differ. */
  private static Map<String, String> ask(int port, Case rpc) throws Exception {
    Map<String, String> seen = new TreeMap<>();
    CompletableFuture<Status> end = new CompletableFuture<>();
    try (GrpcPeer peer = GrpcPeer.plaintext(port)) {
      ClientCall<String, String> call =
          peer.call(
              GrpcEcho.STREAM.toBuilder().setFullMethodName(rpc.method()).build(),
              CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onHeaders(Metadata headers) {
              note(seen, "header ", headers);
            }

            @Override
            public void onMessage(String message) {
              seen.merge("messages", message, (a, b) -> a + "," + b);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              note(seen, "trailer ", trailers);
              end.complete(status);
            }
          },
          metadata(rpc));
      call.request(10);
      call.sendMessage(rpc.message());
      call.halfClose();
      Status status = end.get(20, TimeUnit.SECONDS);
      seen.put("status", status.getCode().name());
      seen.put("description", String.valueOf(status.getDescription()));
      return seen;
    }
  }

  private static Metadata metadata(Case rpc) {
    Metadata metadata = GrpcPeer.metadata(rpc.metadata());
    metadata.put(GrpcPeer.key("x-case"), rpc.name());
    return metadata;
  }

  private static void note(Map<String, String> seen, String kind, Metadata from) {
    for (String name : from.keys()) {
      String value = name.equals("date") ? null : from.get(GrpcPeer.key(name));
      if (name.equals("x-envoy-upstream-service-time")) {
        value = "some";
      }
      if (value != null) {
        seen.put(kind + name, value);
      }
    }
  }
}
