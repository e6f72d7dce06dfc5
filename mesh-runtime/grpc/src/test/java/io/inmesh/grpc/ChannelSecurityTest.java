package io.inmesh.grpc;

import static io.inmesh.grpc.EchoServer.echo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import io.inmesh.config.TestTables;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is spoken on connections of a channel, under both Nettys. */
@Timeout(30)
class ChannelSecurityTest {
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final String REVIEWS = "spiffe://cluster.local/ns/shop/sa/reviews";
  private static final TestPki PKI = TestPki.create();

  enum Netty {
    SHADED(io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder::forTarget),
    UNSHADED(io.grpc.netty.NettyChannelBuilder::forTarget);

    private final java.util.function.BiFunction<
            String, ChannelCredentials, ManagedChannelBuilder<?>>
        builder;

    Netty(
        java.util.function.BiFunction<String, ChannelCredentials, ManagedChannelBuilder<?>>
            builder) {
      this.builder = builder;
    }
  }

  private final TestMesh mesh = new TestMesh();
  private final List<EchoServer> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void close() {
    await().atMost(5, TimeUnit.SECONDS).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(EchoServer::close);
    mesh.close();
  }

  private EchoServer server(EchoServer server) {
    servers.add(server);
    return server;
  }

  private ManagedChannel channel(Netty netty, ChannelCredentials credentials) {
    String target = "mesh://" + Meshes.name(mesh) + "/echo:80";
    ManagedChannel channel = netty.builder.apply(target, credentials).build();
    channels.add(channel);
    return channel;
  }

  private static String call(ManagedChannel channel) {
    return ClientCalls.blockingUnaryCall(channel, EchoServer.ONCE, CallOptions.DEFAULT, "hi");
  }

  private static Status refused(ManagedChannel channel) {
    try {
      call(channel);
    } catch (io.grpc.StatusRuntimeException e) {
      return e.getStatus();
    }
    throw new AssertionError("served");
  }

  private void reviews(int... ports) {
    mesh.use(
        TestTables.cluster("echo")
            .http2()
            .at(ports)
            .socket(TestTables.mutualTls("outbound_.80_._.echo.shop.svc.cluster.local", REVIEWS))
            .build());
    mesh.use(new TestTables().routes("echo:80", TestTables.to("echo").route()));
  }

  @ParameterizedTest
  @EnumSource
  void mutualTlsIsSpokenWithTheWorkloadsCertificate(Netty netty) throws IOException {
    EchoServer server = server(EchoServer.mutual(PKI.leaf(REVIEWS), echo("re: ")));
    mesh.use(PKI.leaf(STOREFRONT).material());
    reviews(server.port());
    ManagedChannel channel = channel(netty, MeshChannelCredentials.create());
    for (int i = 0; i < 3; i++) {
      assertThat(call(channel)).isEqualTo("re: hi");
    }
    assertThat(server.peers).hasSize(3).containsOnly(STOREFRONT);
    assertThat(server.authorities).containsOnly("echo:80");
  }

  @ParameterizedTest
  @EnumSource
  void aServerOfAnotherNameIsToldNothing(Netty netty) throws IOException {
    EchoServer impostor =
        server(
            EchoServer.mutual(
                PKI.leaf("spiffe://cluster.local/ns/shop/sa/impostor"), echo("mine now")));
    mesh.use(PKI.leaf(STOREFRONT).material());
    reviews(impostor.port());
    Status status = refused(channel(netty, MeshChannelCredentials.create()));
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(mesh.lastOutcome().flags()).hasToString("UF");
    assertThat(mesh.lastOutcome().failure()).contains("sa/impostor").contains(REVIEWS);
    assertThat(impostor.calls).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource
  void mutualTlsAndPlaintextStandSideBySide(Netty netty) throws IOException {
    EchoServer secure = server(EchoServer.mutual(PKI.leaf(REVIEWS), echo("")));
    EchoServer plain = server(new EchoServer(echo("")));
    mesh.use(PKI.leaf(STOREFRONT).material());
    mesh.use(
        TestTables.cluster("secure")
            .http2()
            .at(secure.port())
            .socket(TestTables.mutualTls("echo", REVIEWS))
            .build());
    mesh.use(TestTables.cluster("plain").http2().at(plain.port()).build());
    mesh.use(
        new TestTables()
            .routes(
                "echo:80",
                TestTables.to("plain")
                    .choose(
                        (head, random) ->
                            io.inmesh.config.RouteAction.Target.of(
                                head.headers().contains("x-secure") ? "secure" : "plain"))
                    .route()));
    ManagedChannel channel = channel(netty, MeshChannelCredentials.create());
    for (int i = 0; i < 4; i++) {
      Metadata headers = new Metadata();
      if (i % 2 == 0) {
        headers.put(EchoServer.key("x-secure"), "yes");
      }
      Talk talk = new Talk(channel, CallOptions.DEFAULT, headers);
      talk.call.request(1);
      talk.call.halfClose();
      assertThat(endOf(talk)).isEqualTo(Status.OK);
    }
    assertThat(secure.peers).containsExactly(STOREFRONT, STOREFRONT);
    assertThat(plain.peers).containsExactly("plaintext", "plaintext");
  }

  private static Status endOf(Talk talk) {
    try {
      return talk.end();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void withOtherCredentialsAnEndpointThatDemandsMutualTlsIsRefusedByName(Netty netty)
      throws IOException {
    EchoServer server = server(EchoServer.mutual(PKI.leaf(REVIEWS), echo("")));
    mesh.use(PKI.leaf(STOREFRONT).material());
    reviews(server.port());
    for (ChannelCredentials other :
        List.of(InsecureChannelCredentials.create(), TlsChannelCredentials.create())) {
      Status status = refused(channel(netty, other));
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(mesh.lastOutcome().failure())
          .contains("127.0.0.1:" + server.port())
          .contains("demands mTLS")
          .contains("MeshGrpc.channelFor(\"echo:80\")");
    }
    assertThat(server.calls).hasValue(0);
    EchoServer plain = server(new EchoServer(echo("plain ")));
    mesh.use(TestTables.cluster("echo").http2().at(plain.port()).build());
    assertThat(call(channel(netty, InsecureChannelCredentials.create()))).isEqualTo("plain hi");
  }

  @Test
  void withoutACertificateNothingGoesOutInClear() throws IOException {
    EchoServer server = server(new EchoServer(echo("read in clear")));
    reviews(server.port());
    assertThat(refused(channel(Netty.SHADED, MeshChannelCredentials.create())).getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(mesh.lastOutcome().failure()).startsWith("no mTLS: ");
    assertThat(server.calls).hasValue(0);
  }

  @Test
  void aRenewedCertificateIsShownOnNewConnectionsAndOldStreamsEndAsTheyMay() throws Exception {
    EchoServer server = server(EchoServer.mutual(PKI.leaf(REVIEWS), echo("re: ")));
    mesh.use(PKI.leaf(STOREFRONT).material());
    reviews(server.port());
    ManagedChannel channel = channel(Netty.SHADED, MeshChannelCredentials.create());
    Talk old = new Talk(channel, CallOptions.DEFAULT, new Metadata());
    old.call.request(10);
    old.call.sendMessage("1");
    assertThat(old.next()).isEqualTo("re: 1");
    String renamed = "spiffe://cluster.local/ns/shop/sa/storefront-renamed";
    mesh.use(PKI.leaf(renamed).material());
    assertThat(call(channel)).isEqualTo("re: hi");
    assertThat(server.peers).containsExactly(STOREFRONT, renamed);
    old.call.sendMessage("2");
    assertThat(old.next()).isEqualTo("re: 2");
    old.call.halfClose();
    assertThat(old.end()).isEqualTo(Status.OK);
  }

  /** Of grpc-java's own kind of target: what was named beside the mesh is used. */
  @ParameterizedTest
  @EnumSource
  void credentialsOfTheMeshAreOthersWhereThereIsNoMesh(Netty netty) throws IOException {
    EchoServer server = server(new EchoServer(echo("plain ")));
    ManagedChannel channel =
        netty
            .builder
            .apply("dns:///127.0.0.1:" + server.port(), MeshChannelCredentials.create())
            .build();
    channels.add(channel);
    assertThat(call(channel)).isEqualTo("plain hi");
  }
}
