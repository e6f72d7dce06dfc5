package io.inmesh.conformance.sidecars;

import static io.inmesh.conformance.sidecars.GrpcApplication.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inmesh.Mesh;
import io.inmesh.MeshConfig;
import io.inmesh.controlplane.ControlPlane;
import io.inmesh.envoy.EnvoyBinary;
import io.inmesh.envoy.RealEnvoy;
import io.inmesh.grpc.MeshGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same RPCs through an Envoy that proxies gRPC and through a meshed channel, both to an Envoy
 * sidecar that is STRICT, under the same YAML: status, metadata, retries and time-outs are the same
 * to the caller and to the application. The table is in target/sidecars/grpc.txt.
 */
class GrpcSidecarInteropTest {
  private static final Path REPORTS = Path.of("target/sidecars");

  /** Differs from call to call, or says which proxy it was. */
  private static final Set<String> VOLATILE =
      Set.of(
          "x-request-id",
          "x-envoy-upstream-service-time",
          "x-envoy-expected-rq-timeout-ms",
          "date",
          "server",
          "grpc-timeout",
          "x-case",
          "x-envoy-decorator-operation",
          "x-envoy-peer-metadata",
          "x-envoy-peer-metadata-id");

  @TempDir static Path directory;

  private static final Deque<AutoCloseable> PARTS = new ArrayDeque<>();
  private static final AtomicInteger CASES = new AtomicInteger();
  private static final int SERVICE = Shop.freePort();
  private static GrpcApplication application;
  private static ManagedChannel throughEnvoy;
  private static ManagedChannel meshed;

  private record Asked(String name, String method, CallOptions options, List<String> metadata) {
    static Asked of(String method, String... metadata) {
      return new Asked(
          method + " " + List.of(metadata), method, CallOptions.DEFAULT, List.of(metadata));
    }

    Asked within(long millis) {
      return new Asked(
          name + " within " + millis + " ms",
          method,
          options.withDeadlineAfter(millis, TimeUnit.MILLISECONDS),
          metadata);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    EnvoyBinary.require();
    Files.createDirectories(REPORTS);
    int listens = Shop.freePort();
    int behind = Shop.freePort();
    Path config = Files.createDirectories(directory.resolve("config"));
    Files.writeString(config.resolve("all.yaml"), yaml(listens, behind));
    ControlPlane plane =
        ControlPlane.builder()
            .configDirectory(config)
            .stateDirectory(directory.resolve("state"))
            .listen("127.0.0.1", 0)
            .envoyCertificateLifetime(Duration.ofHours(1))
            .start();
    PARTS.push(plane);
    application = new GrpcApplication(behind);
    PARTS.push(application);
    RealEnvoy server =
        EnvoySidecar.start(
            plane,
            "grpc-server",
            "[{\"name\":\"grpc\",\"containerPort\":%d}]".formatted(listens),
            directory.resolve("server"));
    PARTS.push(server);
    PARTS.push(EnvoySidecar.start(plane, "grpc-envoy", "[]", directory.resolve("client")));
    Mesh mesh =
        Mesh.start(
            MeshConfig.builder()
                .controlPlane("127.0.0.1:" + plane.port())
                .controlPlaneRoots(plane.rootCertificate())
                .tokenFile(plane.tokenFile(Shop.NAMESPACE, "grpc-inmesh"))
                .identity(Shop.NAMESPACE, "grpc-inmesh")
                .workload("grpc-inmesh")
                .labels(Map.of("app", "grpc-inmesh"))
                .ip("127.0.0.1")
                .build());
    PARTS.push(mesh);
    String name = "grpc-server.shop:" + SERVICE;
    throughEnvoy =
        NettyChannelBuilder.forAddress("127.0.0.1", SERVICE, InsecureChannelCredentials.create())
            .overrideAuthority(name)
            .disableRetry()
            .build();
    PARTS.push(throughEnvoy::shutdownNow);
    meshed = MeshGrpc.channelFor(mesh, name);
    PARTS.push(meshed::shutdownNow);
    for (Channel each : List.of(throughEnvoy, meshed)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> ask(each, Asked.of("test.Any/Ready")).contains("OK"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    while (!PARTS.isEmpty()) {
      PARTS.pop().close();
    }
  }

  private static String yaml(int listens, int behind) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: grpc-server, namespace: shop}
        spec:
          hosts: [grpc-server.shop.svc.cluster.local]
          ports:
          - {number: %1$d, name: grpc, protocol: GRPC}
          location: MESH_INTERNAL
          resolution: STATIC
          workloadSelector: {labels: {app: grpc-server}}
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: grpc-server, namespace: shop}
        spec:
          workloadSelector: {labels: {app: grpc-server}}
          ingress:
          - {port: {number: %2$d, name: grpc, protocol: GRPC}, bind: 127.0.0.1, captureMode: NONE, defaultEndpoint: "127.0.0.1:%3$d"}
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: grpc-envoy, namespace: shop}
        spec:
          workloadSelector: {labels: {app: grpc-envoy}}
          egress:
          - {port: {number: %1$d, name: grpc, protocol: GRPC}, bind: 127.0.0.1, captureMode: NONE, hosts: ["./*"]}
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: shop}
        spec: {mtls: {mode: STRICT}}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: denied, namespace: shop}
        spec:
          selector: {matchLabels: {app: grpc-server}}
          action: DENY
          rules:
          - to: [{operation: {paths: ["/test.Any/Denied"]}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: grpc-server, namespace: shop}
        spec:
          hosts: [grpc-server.shop.svc.cluster.local]
          http:
          - match: [{uri: {prefix: /test.Retried/}}]
            retries: {attempts: 2, retryOn: "unavailable,resource-exhausted,cancelled,deadline-exceeded,internal"}
            route: [{destination: {host: grpc-server.shop.svc.cluster.local}}]
          - match: [{uri: {prefix: /test.Gateway/}}]
            retries: {attempts: 2, retryOn: "5xx,gateway-error"}
            route: [{destination: {host: grpc-server.shop.svc.cluster.local}}]
          - match: [{uri: {prefix: /test.Timed/}}]
            timeout: 700ms
            retries: {attempts: 0}
            route: [{destination: {host: grpc-server.shop.svc.cluster.local}}]
          - match: [{headers: {x-edit: {exact: "yes"}}}]
            headers:
              request: {set: {x-set: by-route}, add: {x-add: more}, remove: [x-gone]}
              response: {set: {x-answer: edited}, add: {x-more: added}}
            retries: {attempts: 0}
            route: [{destination: {host: grpc-server.shop.svc.cluster.local}}]
          - match: [{uri: {prefix: /test.Nobody/}}]
            retries: {attempts: 0}
            route: [{destination: {host: nobody.shop.svc.cluster.local}}]
          - retries: {attempts: 0}
            route: [{destination: {host: grpc-server.shop.svc.cluster.local}}]
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: grpc-server, namespace: shop}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: grpc-envoy, namespace: shop}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: grpc-inmesh, namespace: shop}
        """
        .formatted(SERVICE, listens, behind);
  }

  private static List<Asked> cases() {
    List<Asked> all = new ArrayList<>();
    all.add(Asked.of("test.Any/Ok"));
    for (int status = 1; status <= 16; status++) {
      all.add(Asked.of("test.Any/Status", "x-status", "" + status));
    }
    all.add(Asked.of("test.Any/Status", "x-status", "14", "x-head", "yes"));
    for (String status : List.of("1", "4", "8", "13", "14", "5")) {
      all.add(Asked.of("test.Retried/Once", "x-status", status, "x-fail", "1"));
    }
    all.add(Asked.of("test.Retried/Twice", "x-status", "14", "x-fail", "2"));
    all.add(Asked.of("test.Retried/Limit", "x-status", "14"));
    all.add(Asked.of("test.Retried/TooLate", "x-status", "14", "x-fail", "1", "x-head", "yes"));
    all.add(Asked.of("test.Gateway/NotGrpcWords", "x-status", "14", "x-fail", "1"));
    all.add(Asked.of("test.Timed/Slow"));
    all.add(Asked.of("test.Any/Slow").within(700));
    all.add(Asked.of("test.Timed/Slow").within(20_000));
    all.add(
        Asked.of("test.Any/Edited", "x-edit", "yes", "x-gone", "1", "x-set", "0", "x-add", "0"));
    all.add(Asked.of("test.Any/Edited", "x-edit", "yes", "x-status", "9"));
    all.add(Asked.of("test.Any/Denied"));
    all.add(Asked.of("test.Nobody/There"));
    all.add(
        Asked.of(
            "test.Any/Controls",
            "x-envoy-max-retries",
            "9",
            "x-envoy-retry-grpc-on",
            "unavailable",
            "x-forwarded-client-cert",
            "By=spiffe://forged"));
    return all;
  }

  @Test
  void everyRpcIsTheSameThroughEnvoyAndThroughInmesh() throws IOException {
    StringBuilder report = new StringBuilder();
    Map<String, String> differences = new LinkedHashMap<>();
    for (Asked asked : cases()) {
      String envoy = ask(throughEnvoy, asked);
      String inmesh = ask(meshed, asked);
      report.append(asked.name()).append("\n  envoy  ").append(envoy);
      report.append("\n  inmesh ").append(inmesh).append('\n');
      if (!envoy.equals(inmesh)) {
        differences.put(asked.name(), "\n  envoy  " + envoy + "\n  inmesh " + inmesh + "\n");
      }
    }
    Files.writeString(REPORTS.resolve("grpc.txt"), report);
    assertThat(differences).isEmpty();
  }

  /** All that either side can see, in one line. */
  private static String ask(Channel channel, Asked asked) {
    String of = "case-" + CASES.incrementAndGet();
    Metadata headers = new Metadata();
    headers.put(key("x-case"), of);
    for (int i = 0; i < asked.metadata().size(); i += 2) {
      headers.put(key(asked.metadata().get(i)), asked.metadata().get(i + 1));
    }
    headers.put(Metadata.Key.of("x-raw-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, -1});
    CompletableFuture<String> answer = new CompletableFuture<>();
    CallOptions options = asked.options();
    if (options.getDeadline() != null) {
      // counted from now on
      long left = asked.name().contains("within 700") ? 700 : 20_000;
      options = CallOptions.DEFAULT.withDeadlineAfter(left, TimeUnit.MILLISECONDS);
    }
    ClientCall<String, String> call =
        channel.newCall(GrpcApplication.method(asked.method()), options);
    call.start(
        new ClientCall.Listener<>() {
          private String head = "no head";
          private String message = "no message";

          @Override
          public void onHeaders(Metadata received) {
            head = fields(received);
          }

          @Override
          public void onMessage(String received) {
            message = received;
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            // announced by grpc-timeout, the server's sidecar keeps the same limit: a race of two
            boolean slow =
                List.of("downstream duration timeout", "upstream request timeout")
                    .contains(String.valueOf(status.getDescription()));
            if (slow && asked.name().contains("test.Timed/")) {
              answer.complete("(too slow, says either sidecar)");
              return;
            }
            if (asked.name().contains("within 700")
                && (slow || status.getCode() == Status.Code.DEADLINE_EXCEEDED)) {
              // the caller's library, its Envoy and the server's keep one limit: a race of three;
              // what Inmesh makes of it is in CallBehaviourTest
              answer.complete("(too slow)");
              return;
            }
            String words = status.getDescription();
            answer.complete(
                status.getCode()
                    + " '"
                    + words
                    + "' "
                    + head
                    + " "
                    + message
                    + " "
                    + fields(trailers));
          }
        },
        headers);
    call.request(2);
    call.sendMessage("hello");
    call.halfClose();
    String told;
    try {
      told = answer.get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      told = e.toString();
    }
    List<Metadata> reached = application.seen.getOrDefault(of, List.of());
    return told
        + " | reached "
        + reached.size()
        + (reached.isEmpty() ? "" : " last " + fields(reached.get(reached.size() - 1)));
  }

  private static String fields(Metadata metadata) {
    Map<String, String> fields = new TreeMap<>();
    for (String name : metadata.keys()) {
      if (VOLATILE.contains(name)) {
        continue;
      }
      List<String> values = new ArrayList<>();
      if (name.endsWith("-bin")) {
        metadata
            .getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER))
            .forEach(value -> values.add(java.util.Arrays.toString(value)));
      } else {
        metadata
            .getAll(key(name))
            .forEach(value -> values.add(value.replaceAll("grpc-(envoy|inmesh)", "the-client")));
      }
      // hashes of certificates
      fields.put(name, values.toString().replaceAll("Hash=[0-9a-f]+", "Hash=..."));
    }
    return fields.toString();
  }
}
