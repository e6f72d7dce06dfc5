package io.inmesh.grpc;

import static io.inmesh.grpc.EchoServer.echo;
import static io.inmesh.grpc.EchoServer.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.identity.TestPki;
import io.inmesh.proto.envoy.config.core.v3.SocketAddress;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.endpoint.v3.LbEndpoint;
import io.inmesh.proto.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.inmesh.recordings.Recordings;
import io.inmesh.runtime.Switchboard;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What istiod 1.26 sent for a gRPC canary (recording 14), in force on a channel; only the addresses
 * of the endpoints are others, where real servers are.
 */
@Timeout(120)
class RecordedCanaryTest {
  private static final String SCENARIO = "istio/14-grpc-canary";
  private static final String NODE = "storefront-a";
  private static final String TARGET = "ratings.shop.svc.cluster.local:9090";
  private static final TestPki PKI = TestPki.create();

  private final TestMesh mesh = new TestMesh();
  private final AtomicInteger failures = new AtomicInteger();
  private final List<EchoServer> servers = new ArrayList<>();
  private EchoServer first;
  private EchoServer second;
  private EchoServer canary;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    first = server("ratings", flaky("first"));
    second = server("ratings", flaky("second"));
    canary = server("ratings-canary", echo("canary "));
    Switchboard inForce = new Switchboard(mesh.clusters(), () -> {});
    ConfigStore store = new ConfigStore(inForce, "shop.svc.cluster.local");
    Recordings.State state = Recordings.state(SCENARIO, NODE);
    for (String type :
        List.of(
            ConfigStore.CLUSTER, ConfigStore.ENDPOINTS, ConfigStore.LISTENER, ConfigStore.ROUTES)) {
      List<ConfigResource> resources = new ArrayList<>();
      state
          .byType()
          .getOrDefault(type, Map.of())
          .forEach(
              (name, resource) ->
                  resources.add(
                      new ConfigResource(
                          name,
                          type.equals(ConfigStore.ENDPOINTS)
                              ? moved(resource.getResource().getValue())
                              : resource.getResource().getValue())));
      assertThat(store.apply(type, resources, List.of(), true)).isEmpty();
    }
    List.copyOf(store.secrets()).forEach(store::secretSettled);
    mesh.use(PKI.leaf("spiffe://cluster.local/ns/shop/sa/storefront").material());
    mesh.use(Objects.requireNonNull(inForce.tables(), "the recording gave no tables"));
    channel = MeshGrpc.channelFor(new MeshOf(mesh), TARGET);
    warm();
  }

  /**
   * The recorded time-outs are short (1 s, 300 ms a try), and a busy machine may need longer for
   * its first handshake, after which outlier detection would take the hosts out: so the route
   * without a time-out goes first.
   */
  private void warm() {
    call(channel, "test.Echo/Once");
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> call(channel, "test.Echo/Once", "x-canary", "true").startsWith("canary"));
    canary.headers.clear();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    servers.forEach(EchoServer::close);
    mesh.close();
  }

  /**
   * The endpoints are of workloads with sidecars, so the recording demands mTLS and their names.
   */
  private EchoServer server(String account, EchoServer.Script script) throws IOException {
    EchoServer server =
        EchoServer.mutual(PKI.leaf("spiffe://cluster.local/ns/shop/sa/" + account), script);
    servers.add(server);
    return server;
  }

  /** Fails as often as a test says, then answers. */
  private EchoServer.Script flaky(String name) {
    EchoServer.Script good = echo(name + " ");
    return (call, head) -> {
      if (failures.getAndDecrement() > 0) {
        call.close(Status.UNAVAILABLE.withDescription("not now"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return good.begin(call, head);
    };
  }

  private ByteString moved(ByteString recorded) {
    try {
      ClusterLoadAssignment.Builder all = ClusterLoadAssignment.parseFrom(recorded).toBuilder();
      for (LocalityLbEndpoints.Builder locality : all.getEndpointsBuilderList()) {
        for (LbEndpoint.Builder endpoint : locality.getLbEndpointsBuilderList()) {
          SocketAddress.Builder address =
              endpoint.getEndpointBuilder().getAddressBuilder().getSocketAddressBuilder();
          EchoServer server =
              switch (address.getAddress()) {
                case "127.0.1.4" -> first;
                case "127.0.1.44" -> second;
                case "127.0.1.45" -> canary;
                default -> null;
              };
          if (server != null) {
            address.setAddress("127.0.0.1").setPortValue(server.port());
          }
        }
      }
      return all.build().toByteString();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static MethodDescriptor<String, String> method(String name) {
    return EchoServer.ONCE.toBuilder().setFullMethodName(name).build();
  }

  private String call(ManagedChannel over, String method, String... metadata) {
    Metadata headers = new Metadata();
    for (int i = 0; i < metadata.length; i += 2) {
      headers.put(key(metadata[i]), metadata[i + 1]);
    }
    return ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(over, MetadataUtils.newAttachHeadersInterceptor(headers)),
        method(method),
        CallOptions.DEFAULT,
        "hi");
  }

  @Test
  void theCanaryIsChosenByMetadata() {
    for (int i = 0; i < 3; i++) {
      assertThat(call(channel, "test.Echo/Once", "x-canary", "true")).isEqualTo("canary hi");
    }
    assertThat(mesh.lastOutcome().route()).isEqualTo("canary-by-header");
    assertThat(mesh.lastOutcome().cluster())
        .isEqualTo("outbound|9090|canary|ratings.shop.svc.cluster.local");
    // another value is another matter
    assertThat(call(channel, "test.Echo/Once", "x-canary", "no")).doesNotStartWith("never");
    assertThat(mesh.lastOutcome().route()).isEqualTo("rest");
  }

  @Test
  void theCanaryIsChosenByTheUserAgent() {
    ManagedChannel named =
        MeshGrpc.builderFor(new MeshOf(mesh), TARGET).userAgent("canary-client/1.0").build();
    try {
      assertThat(call(named, "test.Echo/Once")).isEqualTo("canary hi");
    } finally {
      named.shutdownNow();
    }
    assertThat(canary.headers.get(0).get(key("user-agent"))).startsWith("canary-client/1.0 grpc");
  }

  @Test
  void oneMethodIsRetriedOnStatusOfGrpcAndStaysInItsZone() {
    await()
        .untilAsserted(
            () -> {
              failures.set(2);
              call(channel, "shop.Ratings/Rate", "x-user", "ada");
              assertThat(mesh.lastOutcome().attempts()).isEqualTo(3);
            });
    assertThat(mesh.lastOutcome().route()).isEqualTo("one-method");
    assertThat(mesh.lastOutcome().cluster())
        .isEqualTo("outbound|9090|stable|ratings.shop.svc.cluster.local");
    for (int i = 0; i < 20; i++) {
      assertThat(call(channel, "shop.Ratings/Rate", "x-user", "user-" + i)).isEqualTo("first hi");
    }
    assertThat(second.calls).as("another zone is for when ours has nobody").hasValue(0);
  }

  @Test
  void afterThreeRetriesTheStatusIsTheCallers() {
    await()
        .untilAsserted(
            () -> {
              failures.set(4);
              assertThatThrownBy(() -> call(channel, "shop.Ratings/Rate", "x-user", "ada"))
                  .isInstanceOf(StatusRuntimeException.class)
                  .hasMessage("UNAVAILABLE: not now");
            });
    assertThat(mesh.lastOutcome().attempts()).isEqualTo(4);
    assertThat(mesh.lastOutcome().flags()).hasToString("URX");
  }
}
