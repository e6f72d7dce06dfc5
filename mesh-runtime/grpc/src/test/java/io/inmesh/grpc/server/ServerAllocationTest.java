package io.inmesh.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.RbacTestKit;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.Allocations;
import io.inmesh.conformance.GrpcEcho;
import io.inmesh.conformance.GrpcPeer;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.runtime.TestMesh;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a unary RPC allocates at a meshed server beyond what it does at a plain one: same grpc-java,
 * same RPC, in plaintext, handlers on the event loop. What callers allocate is the same in both,
 * and counted in both.
 */
@Timeout(300)
class ServerAllocationTest {
  /** The figure of docs/grpc.md and 10 %. */
  private static final long GATE = 3_020;

  /** Callers and server together: what it is once the code is compiled. */
  private static final long ENOUGH_OF_RAW = 31_000;

  private static long bytes(ServerBuilder<?> builder, long enough) throws Exception {
    GrpcEcho.services(
            (message, to) -> {
              to.onNext(message);
              to.onCompleted();
            })
        .forEach(builder::addService);
    Server server = builder.build().start();
    try (GrpcPeer peer = GrpcPeer.plaintext(server.getPort())) {
      return Allocations.ofThreads(
          enough,
          name -> name.startsWith("grpc-nio-worker"),
          () -> peer.unary(GrpcEcho.SAY, "x", "x-request-id", "1", "x-forwarded-proto", "http"));
    } finally {
      server.shutdownNow();
      server.awaitTermination();
    }
  }

  @Test
  void aServedRpcCostsLittleMemory() throws Exception {
    HttpManager manager =
        new HttpManager(
            "virtualInbound",
            true,
            TestTables.table("inbound", TestTables.to("inbound").route()),
            List.of(
                RbacTestKit.filter(
                    """
                    {'rules': {'action': 'DENY', 'policies': {'p': {
                      'permissions': [{'url_path': {'path': {'prefix': '/admin'}}}],
                      'principals': [{'any': true}]}}}}
                    """)),
            HttpOptions.sidecar(true));
    try (TestMesh mesh = new TestMesh()) {
      mesh.use(new TestTables().inbound(MtlsMode.DISABLE.table(manager)));
      long raw = bytes(NettyServerBuilder.forPort(0).directExecutor(), ENOUGH_OF_RAW);
      ServerBuilder<?> meshed =
          MeshServerBuilder.of(NettyServerBuilder.forPort(0).directExecutor(), mesh);
      long ours = bytes(meshed, raw + GATE);
      assertThat(ours - raw).isLessThanOrEqualTo(GATE);
    }
  }
}
