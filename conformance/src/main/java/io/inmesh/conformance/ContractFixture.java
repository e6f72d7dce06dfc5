package io.inmesh.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.TestTables;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A mesh and servers behind it, for one test. */
abstract class ContractFixture {
  static final String URL = "http://reviews/1";

  final TestMesh mesh = new TestMesh();
  private final List<RawServer> servers = new ArrayList<>();

  RawServer server(RawServer.Handler handler) throws IOException {
    RawServer server = new RawServer(handler);
    servers.add(server);
    return server;
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
  }
}
