package io.inmesh.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.inmesh.config.TestTables;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A mesh, a channel to {@code echo:80} in it, and servers behind it, for one test. */
abstract class MeshChannelFixture {
  final TestMesh mesh = new TestMesh();
  final ManagedChannel channel = MeshGrpc.channelFor(new MeshOf(mesh), "echo:80");
  private final List<EchoServer> servers = new ArrayList<>();

  @AfterEach
  void close() {
    await().atMost(10, TimeUnit.SECONDS).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
    channel.shutdownNow();
    servers.forEach(EchoServer::close);
    mesh.close();
  }

  EchoServer server(EchoServer.Script script) throws IOException {
    EchoServer server = new EchoServer(script);
    servers.add(server);
    return server;
  }

  void cluster(String name, int... ports) {
    mesh.use(TestTables.cluster(name).http2().at(ports).build());
  }

  void routes(TestTables.ForwardBuilder route) {
    mesh.use(new TestTables().routes("echo:80", route.route()));
  }

  Talk talk(CallOptions options) {
    return new Talk(channel, options, new Metadata());
  }

  String once(CallOptions options, String message) {
    return ClientCalls.blockingUnaryCall(channel, EchoServer.ONCE, options, message);
  }

  Status refused(CallOptions options) {
    try {
      once(options, "hi");
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
    throw new AssertionError("served");
  }
}
