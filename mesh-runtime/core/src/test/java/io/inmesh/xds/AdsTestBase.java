package io.inmesh.xds;

import static org.awaitility.Awaitility.await;

import io.inmesh.proto.envoy.config.core.v3.Node;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A client under a clock that is told, and a control plane that does as it is told, over real gRPC.
 */
abstract class AdsTestBase {
  static final TypeUrl CDS = TypeUrl.CLUSTER;
  static final TypeUrl EDS = TypeUrl.CLUSTER_LOAD_ASSIGNMENT;
  static final TypeUrl LDS = TypeUrl.LISTENER;
  static final TypeUrl RDS = TypeUrl.ROUTE_CONFIGURATION;

  final ManualTime time = new ManualTime();
  final CollectingHandler handler = new CollectingHandler();
  ScriptedServer server;
  AdsClient client;

  @BeforeEach
  void startServer() throws Exception {
    server = new ScriptedServer();
    client = clientOf(ControlPlaneConnection.plaintext("127.0.0.1", server.port()).build());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
    time.shutdown();
  }

  final AdsClient clientOf(ControlPlane controlPlane) {
    return AdsClient.builder(controlPlane, handler)
        .node(Node.newBuilder().setId("sidecar~127.0.0.1~test.shop~shop").build())
        .scheduler(time)
        .nanoTime(time::nanoTime)
        .random(() -> 0.5)
        .build();
  }

  static ConditionFactory eventually() {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2));
  }

  /** Waits for the n-th loss of a stream, which is when the next attempt is on the clock. */
  final Disconnection disconnection(int n) {
    eventually().until(() -> handler.disconnections.size() >= n);
    time.drain();
    return handler.disconnections.get(n - 1);
  }
}
