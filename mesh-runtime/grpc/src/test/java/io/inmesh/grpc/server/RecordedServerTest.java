package io.inmesh.grpc.server;

import static io.inmesh.conformance.GrpcPeer.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.inmesh.config.ConfigResource;
import io.inmesh.config.ConfigStore;
import io.inmesh.conformance.GrpcEcho;
import io.inmesh.conformance.GrpcPeer;
import io.inmesh.identity.TestPki;
import io.inmesh.proto.envoy.config.listener.v3.FilterChain;
import io.inmesh.proto.envoy.config.listener.v3.Listener;
import io.inmesh.recordings.Recordings;
import io.inmesh.runtime.Switchboard;
import io.inmesh.runtime.TestMesh;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What istiod 1.26 sent to the server of a gRPC canary (recording 14), in force on a real one; only
 * its port is another. Nobody said anything about mutual TLS: PERMISSIVE.
 */
@Timeout(60)
class RecordedServerTest {
  private static final int RECORDED_PORT = 19090;

  private final TestPki pki = TestPki.create();
  private final TestMesh mesh = new TestMesh();
  private Server server;

  @BeforeEach
  void start() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Switchboard inForce = new Switchboard(mesh.clusters(), () -> {});
    ConfigStore store = new ConfigStore(inForce, "shop.svc.cluster.local");
    Recordings.State state = Recordings.state("istio/14-grpc-canary", "ratings-a");
    for (String type :
        List.of(
            ConfigStore.CLUSTER, ConfigStore.ENDPOINTS, ConfigStore.LISTENER, ConfigStore.ROUTES)) {
      List<ConfigResource> resources = new ArrayList<>();
      state
          .byType()
          .getOrDefault(type, Map.of())
          .forEach(
              (name, resource) -> {
                ByteString value = resource.getResource().getValue();
                resources.add(
                    new ConfigResource(
                        name, type.equals(ConfigStore.LISTENER) ? moved(value, port) : value));
              });
      assertThat(store.apply(type, resources, List.of(), true)).isEmpty();
    }
    List.copyOf(store.secrets()).forEach(store::secretSettled);
    mesh.use(pki.leaf("spiffe://cluster.local/ns/shop/sa/ratings").material());
    mesh.use(Objects.requireNonNull(inForce.tables(), "the recording gave no tables"));
    MeshServerBuilder builder =
        MeshServerBuilder.of(
            NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
            mesh);
    GrpcEcho.services(
            (message, to) -> {
              to.onNext(message + " from " + MeshServerContext.peer());
              to.onCompleted();
            })
        .forEach(builder::addService);
    server = builder.build().start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
    mesh.close();
  }

  private static ByteString moved(ByteString recorded, int port) {
    try {
      Listener.Builder listener = Listener.parseFrom(recorded).toBuilder();
      for (FilterChain.Builder chain : listener.getFilterChainsBuilderList()) {
        if (chain.getFilterChainMatch().getDestinationPort().getValue() == RECORDED_PORT) {
          chain.getFilterChainMatchBuilder().getDestinationPortBuilder().setValue(port);
        }
      }
      return listener.build().toByteString();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void callersWithACertificateOfTheMeshAreKnown() {
    TestPki.Leaf storefront = pki.leaf("spiffe://cluster.local/ns/shop/sa/storefront");
    try (GrpcPeer peer = GrpcPeer.mutual(server.getPort(), storefront)) {
      GrpcPeer.Reply reply = peer.unary(GrpcEcho.SAY, "hello");
      assertThat(reply.message())
          .isEqualTo("hello from spiffe://cluster.local/ns/shop/sa/storefront");
      assertThat(reply.headers().get(key("server"))).isEqualTo("istio-envoy");
      assertThat(reply.headers().get(key("x-envoy-decorator-operation")))
          .isEqualTo("ratings.shop.svc.cluster.local:9090/*");
    }
  }

  @Test
  void plaintextIsServedAndNamesNobody() {
    try (GrpcPeer peer = GrpcPeer.plaintext(server.getPort())) {
      assertThat(peer.unary(GrpcEcho.SAY, "hello").message()).isEqualTo("hello from null");
    }
  }

  @Test
  void otherTrustDomainsAreNotServed() {
    TestPki.Leaf stranger = pki.leaf("spiffe://elsewhere/ns/shop/sa/storefront");
    try (GrpcPeer peer = GrpcPeer.mutual(server.getPort(), stranger)) {
      assertThatThrownBy(() -> peer.unary(GrpcEcho.SAY, "hello"))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNAVAILABLE");
    }
  }
}
