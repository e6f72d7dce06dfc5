package io.inmesh.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.TestTables;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.TestMesh;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A mesh and servers behind it, for one test. */
abstract class ContractFixture {
  static final String URL = "http://reviews/1";

  final TestMesh mesh = new TestMesh();
  private final List<RawServer> servers = new ArrayList<>();
  private final List<Closeable> others = new ArrayList<>();

  RawServer server(RawServer.Handler handler) throws IOException {
    return serving(new RawServer(handler));
  }

  /** One that asks for certificates and shows that one. */
  RawServer server(TestPki.Leaf leaf, RawServer.Handler handler) throws IOException {
    return serving(new RawServer(handler, Certificates.server(leaf)));
  }

  private RawServer serving(RawServer server) {
    servers.add(server);
    return server;
  }

  /** A port that refuses connections, and that nobody else can take while the test runs. */
  int refusing() throws IOException {
    Socket bound = new Socket();
    others.add(bound);
    bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return bound.getLocalPort();
  }

  /** A port that answers no further connection: its queue is full. */
  int silent() throws IOException {
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    others.add(listener);
    for (int i = 0; i < 4; i++) {
      SocketChannel waiting = SocketChannel.open();
      others.add(waiting);
      waiting.configureBlocking(false);
      waiting.connect(listener.getLocalSocketAddress());
    }
    return listener.getLocalPort();
  }

  void cluster(String name, RawServer... servers) {
    TestTables.ClusterBuilder cluster = TestTables.cluster(name);
    for (RawServer server : servers) {
      cluster.at(server.port());
    }
    mesh.use(cluster.build());
  }

  /** Everything to {@link #URL} by that route. */
  void routes(TestTables.ForwardBuilder route) {
    mesh.use(new TestTables().routes("reviews:80", route.route()));
  }

  void leasesAreBack() {
    await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
  }

  @AfterEach
  void closeMesh() throws IOException {
    mesh.close();
    for (RawServer server : servers) {
      server.close();
    }
    for (Closeable other : others) {
      other.close();
    }
  }
}
