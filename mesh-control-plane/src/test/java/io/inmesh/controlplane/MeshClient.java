package io.inmesh.controlplane;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A sidecar as the control plane sees one: real gRPC over TLS, delta ADS, everything subscribed and
 * acknowledged.
 */
final class MeshClient implements AutoCloseable {
  static final String CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  static final String EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
  static final String LDS = "type.googleapis.com/envoy.config.listener.v3.Listener";
  static final String RDS = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

  final Map<String, Map<String, Any>> resources = new ConcurrentHashMap<>();
  final List<DeltaDiscoveryResponse> responses =
      java.util.Collections.synchronizedList(new ArrayList<>());
  final AtomicReference<Status> ended = new AtomicReference<>();
  private final ManagedChannel channel;
  private final Node node;
  private final StreamObserver<DeltaDiscoveryRequest> requests;

  MeshClient(ManagedChannel channel, CallCredentials credentials, Node node, String... routes) {
    this.channel = channel;
    this.node = node;
    AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceStub stub =
        AggregatedDiscoveryServiceGrpc.newStub(channel);
    if (credentials != null) {
      stub = stub.withCallCredentials(credentials);
    }
    requests = stub.deltaAggregatedResources(new Responses());
    send(DeltaDiscoveryRequest.newBuilder().setNode(node).setTypeUrl(CDS));
    send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(LDS));
    if (routes.length > 0) {
      send(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(RDS)
              .addAllResourceNamesSubscribe(List.of(routes)));
    }
  }

  static MeshClient connect(ControlPlane plane, Node node, String account, String... routes)
      throws IOException {
    String namespace = node.getMetadata().getFieldsOrThrow("NAMESPACE").getStringValue();
    return new MeshClient(
        channel(plane.port(), plane.rootCertificate()),
        token(plane.tokenFile(namespace, account)),
        node,
        routes);
  }

  /** As a process of its own, to be killed: port, root, token file, port that it serves. */
  public static void main(String[] arguments) throws Exception {
    new MeshClient(
        channel(Integer.parseInt(arguments[0]), Path.of(arguments[1])),
        token(Path.of(arguments[2])),
        node(
            "reviews-killed",
            "shop",
            "reviews",
            "reviews",
            "v1",
            "[{\"name\":\"http\",\"containerPort\":" + arguments[3] + "}]"));
    Thread.sleep(60_000);
  }

  static ManagedChannel channel(int port, Path root) throws IOException {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .overrideAuthority("istiod.istio-system.svc")
        .sslContext(
            GrpcSslContexts.configure(SslContextBuilder.forClient().trustManager(root.toFile()))
                .build())
        .build();
  }

  static CallCredentials token(Path file) throws IOException {
    String token = Files.readString(file);
    return new CallCredentials() {
      @Override
      public void applyRequestMetadata(
          RequestInfo info, Executor executor, MetadataApplier applier) {
        Metadata headers = new Metadata();
        headers.put(
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        applier.apply(headers);
      }
    };
  }

  static Node node(
      String name, String namespace, String account, String app, String version, String podPorts) {
    Struct.Builder labels =
        Struct.newBuilder().putFields("app", text(app)).putFields("version", text(version));
    Struct.Builder metadata =
        Struct.newBuilder()
            .putFields("NAMESPACE", text(namespace))
            .putFields("NAME", text(name))
            .putFields("SERVICE_ACCOUNT", text(account))
            .putFields("INSTANCE_IPS", text("127.0.0.1"))
            .putFields("LABELS", Value.newBuilder().setStructValue(labels).build());
    if (podPorts != null) {
      metadata.putFields("POD_PORTS", text(podPorts));
    }
    return Node.newBuilder()
        .setId(
            "sidecar~127.0.0.1~" + name + "." + namespace + "~" + namespace + ".svc.cluster.local")
        .setMetadata(metadata)
        .build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  synchronized void send(DeltaDiscoveryRequest.Builder request) {
    requests.onNext(request.build());
  }

  void subscribe(String type, String... names) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(type)
            .addAllResourceNamesSubscribe(List.of(names)));
  }

  Map<String, Any> all(String type) {
    return resources.getOrDefault(type, Map.of());
  }

  /** host:port of every endpoint of the cluster, sorted. */
  List<String> endpoints(String cluster) {
    Any resource = all(EDS).get(cluster);
    TreeSet<String> addresses = new TreeSet<>();
    try {
      if (resource != null) {
        ClusterLoadAssignment.parseFrom(resource.getValue()).getEndpointsList().stream()
            .flatMap(group -> group.getLbEndpointsList().stream())
            .map(LbEndpoint::getEndpoint)
            .map(endpoint -> endpoint.getAddress().getSocketAddress())
            .forEach(address -> addresses.add(address.getAddress() + ":" + address.getPortValue()));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return List.copyOf(addresses);
  }

  /** Leaves as a workload that stops in order: half-closes the stream. */
  void leave() {
    requests.onCompleted();
  }

  /** Vanishes as a killed process does: the connection is just gone. */
  void vanish() {
    channel.shutdownNow();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private final class Responses implements StreamObserver<DeltaDiscoveryResponse> {
    @Override
    public void onNext(DeltaDiscoveryResponse response) {
      responses.add(response);
      Map<String, Any> ofType =
          resources.computeIfAbsent(response.getTypeUrl(), key -> new ConcurrentHashMap<>());
      for (Resource resource : response.getResourcesList()) {
        ofType.put(resource.getName(), resource.getResource());
      }
      response.getRemovedResourcesList().forEach(ofType::remove);
      send(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(response.getTypeUrl())
              .setResponseNonce(response.getNonce()));
      if (response.getTypeUrl().equals(CDS)) {
        List<String> fresh =
            response.getResourcesList().stream()
                .map(Resource::getName)
                .filter(name -> name.startsWith("outbound|") && !all(EDS).containsKey(name))
                .toList();
        if (!fresh.isEmpty()) {
          subscribe(EDS, fresh.toArray(new String[0]));
        }
      }
    }

    @Override
    public void onError(Throwable cause) {
      ended.set(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
      ended.set(Status.OK);
    }
  }
}
