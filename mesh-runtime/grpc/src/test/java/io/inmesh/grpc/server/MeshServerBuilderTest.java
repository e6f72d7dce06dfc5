package io.inmesh.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsServerCredentials;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.inmesh.MeshException;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RbacTestKit;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.GrpcEcho;
import io.inmesh.conformance.GrpcPeer;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.TestMesh;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a meshed builder takes, refuses, and leaves as the application set it. */
@Timeout(30)
class MeshServerBuilderTest {
  private final TestMesh mesh = new TestMesh();
  private final Queue<String> order = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    mesh.close();
  }

  private void allow(MtlsMode mode, String denied) {
    HttpManager manager =
        new HttpManager(
            "virtualInbound",
            true,
            TestTables.table("inbound", TestTables.to("inbound").route()),
            List.of(
                RbacTestKit.filter(
                    """
                    {'rules': {'action': 'DENY', 'policies': {'p': {
                      'permissions': [{'url_path': {'path': {'prefix': '%s'}}}],
                      'principals': [{'any': true}]}}}}
                    """
                        .formatted(denied))),
            HttpOptions.sidecar(true));
    mesh.use(new TestTables().inbound(mode.table(manager)));
  }

  private ServerInterceptor noting(String name) {
    return new ServerInterceptor() {
      @Override
      public <Q, P> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
        boolean afterMesh = headers.containsKey(GrpcPeer.key("x-request-id"));
        order.add(name + (afterMesh ? "" : " before the mesh"));
        return next.startCall(call, headers);
      }
    };
  }

  private static List<io.grpc.ServerServiceDefinition> echo() {
    return GrpcEcho.services(
        (message, to) -> {
          to.onNext(message);
          to.onCompleted();
        });
  }

  @Test
  void interceptorsRunAfterTheMeshInGrpcsOrderAndTracersSeeAll() throws Exception {
    allow(MtlsMode.DISABLE, "/admin");
    NettyServerBuilder own = NettyServerBuilder.forPort(0).intercept(noting("first added"));
    MeshServerBuilder meshed =
        MeshServerBuilder.of(own, mesh)
            .intercept(noting("second"))
            .intercept(noting("third"))
            .addStreamTracerFactory(
                new ServerStreamTracer.Factory() {
                  @Override
                  public ServerStreamTracer newServerStreamTracer(String method, Metadata head) {
                    order.add("tracer of " + method);
                    return new ServerStreamTracer() {};
                  }
                });
    echo().forEach(meshed::addService);
    Server server = meshed.build().start();
    try (GrpcPeer peer = GrpcPeer.plaintext(server.getPort())) {
      peer.unary(GrpcEcho.SAY, "x");
      assertThatThrownBy(() -> peer.unary(GrpcEcho.ADMIN, "x"))
          .isInstanceOf(StatusRuntimeException.class);
      assertThat(order)
          .containsExactly(
              "tracer of test.Echo/Say",
              "third",
              "second",
              "first added",
              "tracer of admin.Users/List");
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void aServerThatTheOriginalBuilderMakesIsGuardedAsWell() throws Exception {
    allow(MtlsMode.STRICT, "/admin");
    NettyServerBuilder own = NettyServerBuilder.forPort(0);
    MeshServerBuilder.of(own, mesh);
    echo().forEach(own::addService);
    Server server = own.build().start();
    try (GrpcPeer peer = GrpcPeer.plaintext(server.getPort())) {
      assertThatThrownBy(() -> peer.unary(GrpcEcho.SAY, "x"))
          .isInstanceOf(StatusRuntimeException.class)
          .extracting(e -> Status.fromThrowable(e).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void aFallbackRegistryOfTheApplicationIsAskedFirst() throws Exception {
    allow(MtlsMode.DISABLE, "/admin");
    List<io.grpc.ServerServiceDefinition> services = echo();
    MeshServerBuilder meshed =
        MeshServerBuilder.of(NettyServerBuilder.forPort(0), mesh)
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
                      String name, @Nullable String authority) {
                    return services.get(0).getMethod(name);
                  }
                });
    Server server = meshed.build().start();
    try (GrpcPeer peer = GrpcPeer.plaintext(server.getPort())) {
      assertThat(peer.unary(GrpcEcho.SAY, "x").message()).isEqualTo("x");
      assertThatThrownBy(() -> peer.unary(GrpcEcho.NOWHERE, "x"))
          .hasMessage("UNIMPLEMENTED: Method not found: test.Echo/Nowhere");
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void whatCannotBeMeshedIsRefusedByName() throws Exception {
    assertThatThrownBy(() -> MeshServerBuilder.of(InProcessServerBuilder.forName("here"), mesh))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("InProcessServerBuilder");
    TestPki.Leaf leaf = TestPki.create().server("localhost");
    var own =
        Grpc.newServerBuilderForPort(
            0,
            TlsServerCredentials.create(
                new ByteArrayInputStream(leaf.chainPem().getBytes(StandardCharsets.US_ASCII)),
                new ByteArrayInputStream(leaf.keyPem().getBytes(StandardCharsets.US_ASCII))));
    assertThatThrownBy(() -> MeshServerBuilder.of(own, mesh))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("TLS of its own");
    MeshServerBuilder meshed = MeshServerBuilder.of(NettyServerBuilder.forPort(0), mesh);
    assertThatThrownBy(
            () ->
                meshed.useTransportSecurity(
                    new ByteArrayInputStream(new byte[0]), new ByteArrayInputStream(new byte[0])))
        .isInstanceOf(MeshException.class);
  }

  @Test
  void halfAGreetingHarmsNobodyAndEnginesAreGivenBack() throws Exception {
    allow(MtlsMode.STRICT, "/admin");
    TestPki pki = TestPki.create();
    mesh.use(pki.leaf("spiffe://cluster.local/ns/shop/sa/reviews").material());
    for (io.grpc.ServerBuilder<?> builder :
        List.of(NettyServerBuilder.forPort(0), io.grpc.netty.NettyServerBuilder.forPort(0))) {
      Arrivals arrivals = new Arrivals(mesh);
      assertThat(Transports.secure(builder, arrivals)).isTrue();
      Server server = builder.build().start();
      for (byte[] first :
          List.of(
              new byte[] {0x16},
              new byte[] {0x16, 3, 1, 2, 0, 1, 0},
              "GET / HTT".getBytes(StandardCharsets.US_ASCII))) {
        try (Socket socket = new Socket("127.0.0.1", server.getPort())) {
          socket.getOutputStream().write(first);
        }
      }
      for (TestPki.Leaf leaf :
          List.of(
              pki.leaf("spiffe://cluster.local/x"),
              TestPki.create("foreign").leaf("spiffe://cluster.local/x"))) {
        try (GrpcPeer peer = GrpcPeer.mutual(server.getPort(), leaf)) {
          assertThatThrownBy(() -> peer.unary(GrpcEcho.SAY, "x"))
              .isInstanceOf(StatusRuntimeException.class);
        }
      }
      org.awaitility.Awaitility.await()
          .until(
              () ->
                  arrivals.engines().made() >= 2
                      && arrivals.engines().made() == arrivals.engines().released());
      server.shutdownNow();
    }
  }
}
