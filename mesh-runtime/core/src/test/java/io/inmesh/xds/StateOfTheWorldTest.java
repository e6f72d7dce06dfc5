package io.inmesh.xds;

import static io.inmesh.xds.Responses.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.inmesh.proto.envoy.service.discovery.v3.DiscoveryRequest;
import io.inmesh.proto.envoy.service.discovery.v3.DiscoveryResponse;
import io.inmesh.proto.envoy.service.discovery.v3.Resource;
import io.inmesh.recordings.Recordings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same client where a control plane has no delta protocol. */
class StateOfTheWorldTest {
  private final ManualTime time = new ManualTime();
  private final CollectingHandler handler = new CollectingHandler();
  private final BlockingQueue<DiscoveryRequest> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamObserver<DiscoveryResponse>> streams =
      new LinkedBlockingQueue<>();
  private Server server;
  private AdsClient client;
  private StreamObserver<DiscoveryResponse> stream;

  @BeforeEach
  void start() throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Service())
            .build()
            .start();
    client =
        AdsClient.builder(
                ControlPlaneConnection.plaintext("127.0.0.1", server.getPort()).build(), handler)
            .protocol(XdsProtocol.STATE_OF_THE_WORLD)
            .node(Recordings.node("istio/01-plain", "storefront-a"))
            .scheduler(time)
            .nanoTime(time::nanoTime)
            .random(() -> 0.5)
            .build();
    client.watchAll(TypeUrl.CLUSTER);
    client.start();
    stream = streams.poll(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdownNow();
    time.shutdown();
  }

  @Test
  void whatIsMissingFromACompleteListIsGone() throws Exception {
    DiscoveryRequest first = request();
    assertThat(first.getNode().getId()).startsWith("sidecar~");
    assertThat(first.getResourceNamesList()).isEmpty();
    assertThat(first.getVersionInfo()).isEmpty();
    send(TypeUrl.CLUSTER, "1", cluster("reviews"), cluster("ratings"));
    DiscoveryRequest ack = request();
    assertThat(ack.getResponseNonce()).isEqualTo("nonce 1");
    assertThat(ack.getVersionInfo()).isEqualTo("1");
    assertThat(ack.hasNode()).isFalse();
    send(TypeUrl.CLUSTER, "2", cluster("reviews"), cluster("details"));
    request();
    assertThat(handler.names(TypeUrl.CLUSTER)).containsExactlyInAnyOrder("reviews", "details");
    assertThat(handler.updates.get(1).removed()).containsExactly("ratings");
    assertThat(handler.updates.get(1).unchanged()).containsExactly("reviews");
  }

  @Test
  void whatIsMissingFromAnswersByNameStaysAndNamesAreAlwaysAll() throws Exception {
    request();
    client.subscribe(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, List.of("reviews", "ratings"));
    assertThat(request().getResourceNamesList()).containsExactly("reviews", "ratings");
    send(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, "1", endpoints("reviews"), endpoints("ratings"));
    assertThat(request().getResourceNamesList()).containsExactly("reviews", "ratings");
    send(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, "2", endpoints("ratings"));
    request();
    assertThat(handler.names(TypeUrl.CLUSTER_LOAD_ASSIGNMENT)).hasSize(2);
    client.unsubscribe(TypeUrl.CLUSTER_LOAD_ASSIGNMENT, List.of("reviews"));
    DiscoveryRequest fewer = request();
    assertThat(fewer.getResourceNamesList()).containsExactly("ratings");
    assertThat(fewer.getVersionInfo()).isEqualTo("2");
    assertThat(fewer.getResponseNonce()).isEqualTo("nonce 2");
  }

  @Test
  void aRefusalKeepsTheVersionAndTheGoodResourcesAreUsed() throws Exception {
    request();
    send(TypeUrl.CLUSTER, "1", cluster("reviews"));
    request();
    handler.judge = update -> Map.of("bad", "lb_policy: no");
    send(TypeUrl.CLUSTER, "2", cluster("reviews"), cluster("bad"), cluster("good"));
    DiscoveryRequest nack = request();
    assertThat(nack.getVersionInfo()).isEqualTo("1");
    assertThat(nack.getResponseNonce()).isEqualTo("nonce 2");
    assertThat(nack.getErrorDetail().getMessage()).contains("'bad': lb_policy: no");
    assertThat(handler.names(TypeUrl.CLUSTER)).containsExactlyInAnyOrder("reviews", "good");
  }

  @Test
  void wrappedResourcesAndGarbageAreToldApart() throws Exception {
    request();
    Resource wrapper = resource(TypeUrl.CLUSTER, "wrapped", "7", "x");
    Any garbage =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.service.discovery.v3.Resource")
            .setValue(ByteString.copyFrom(new byte[] {-1, -1, -1}))
            .build();
    send(
        TypeUrl.CLUSTER,
        "1",
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.service.discovery.v3.Resource")
            .setValue(wrapper.toByteString())
            .build(),
        garbage);
    assertThat(request().getErrorDetail().getMessage()).contains("resource: is missing");
    assertThat(handler.names(TypeUrl.CLUSTER)).containsExactly("wrapped");
  }

  @Test
  void aNewStreamStartsWithoutVersionAndLosesNothing() throws Exception {
    request();
    send(TypeUrl.CLUSTER, "1", cluster("reviews"), cluster("gone"));
    request();
    stream.onError(Status.UNAVAILABLE.asRuntimeException());
    AdsTestBase.eventually().until(() -> !handler.disconnections.isEmpty());
    time.drain();
    time.advance(handler.disconnections.get(0).retryIn());
    stream = streams.poll(30, TimeUnit.SECONDS);
    DiscoveryRequest first = request();
    assertThat(first.getVersionInfo() + first.getResponseNonce()).isEmpty();
    assertThat(first.hasNode()).isTrue();
    assertThat(handler.names(TypeUrl.CLUSTER)).hasSize(2);
    send(TypeUrl.CLUSTER, "1", cluster("reviews"));
    request();
    assertThat(handler.names(TypeUrl.CLUSTER)).containsExactly("reviews");
  }

  @Test
  void recordedResponsesHaveTheNamesTheyHaveInDelta() throws Exception {
    request();
    client.watchAll(TypeUrl.LISTENER);
    request();
    Recordings.State delta = Recordings.state("istio/01-plain", "storefront-a");
    int seen = 0;
    for (DiscoveryResponse response :
        Recordings.stateOfTheWorld("istio/01-plain", "storefront-a")) {
      TypeUrl type = new TypeUrl(response.getTypeUrl());
      boolean byName =
          type.equals(TypeUrl.CLUSTER_LOAD_ASSIGNMENT) || type.equals(TypeUrl.ROUTE_CONFIGURATION);
      if (!byName && !type.equals(TypeUrl.CLUSTER) && !type.equals(TypeUrl.LISTENER)) {
        continue;
      }
      if (byName) {
        client.subscribe(type, delta.byType().get(type.url()).keySet());
        request();
      }
      stream.onNext(response);
      assertThat(request().hasErrorDetail()).isFalse();
      assertThat(handler.names(type))
          .containsExactlyInAnyOrderElementsOf(delta.byType().get(type.url()).keySet());
      seen++;
    }
    assertThat(seen).isEqualTo(4);
  }

  private DiscoveryRequest request() throws InterruptedException {
    DiscoveryRequest request = requests.poll(30, TimeUnit.SECONDS);
    assertThat(request).as("a request arrives").isNotNull();
    return request;
  }

  private void send(TypeUrl type, String version, Any... resources) {
    stream.onNext(
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.url())
            .setVersionInfo(version)
            .setNonce("nonce " + version)
            .addAllResources(List.of(resources))
            .build());
  }

  private static Any cluster(String name) {
    return any(TypeUrl.CLUSTER, Cluster.newBuilder().setName(name).build());
  }

  private static Any endpoints(String name) {
    return any(
        TypeUrl.CLUSTER_LOAD_ASSIGNMENT,
        ClusterLoadAssignment.newBuilder().setClusterName(name).build());
  }

  private static Any any(TypeUrl type, Message message) {
    return Any.newBuilder().setTypeUrl(type.url()).setValue(message.toByteString()).build();
  }

  private final class Service
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(
        StreamObserver<DiscoveryResponse> out) {
      streams.add(out);
      return new StreamObserver<>() {
        @Override
        public void onNext(DiscoveryRequest request) {
          requests.add(request);
        }

        @Override
        public void onError(Throwable gone) {}

        @Override
        public void onCompleted() {
          out.onCompleted();
        }
      };
    }
  }
}
