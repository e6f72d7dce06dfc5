package io.inmesh.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.GrpcEcho;
import io.inmesh.conformance.GrpcPeer;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.runtime.TestMesh;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers see of a server whose mesh closes. */
@Timeout(30)
class DrainTest {
  private final TestMesh mesh = new TestMesh();
  private final HealthStatusManager health = new HealthStatusManager();
  private final CountDownLatch release = new CountDownLatch(1);
  private final CompletableFuture<Boolean> began = new CompletableFuture<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Server server;

  @AfterEach
  void stop() {
    release.countDown();
    mesh.close();
    server.shutdownNow();
    threads.shutdownNow();
  }

  private GrpcPeer start(boolean inPlace) throws Exception {
    HttpManager manager =
        new HttpManager(
            "virtualInbound",
            true,
            TestTables.table("inbound", TestTables.to("inbound").route()),
            List.of(),
            HttpOptions.sidecar(true));
    mesh.use(new TestTables().inbound(MtlsMode.DISABLE.table(manager)));
    ServerBuilder<?> own = NettyServerBuilder.forPort(0);
    ServerBuilder<?> meshed = MeshServerBuilder.of(own, mesh);
    GrpcEcho.services(
            (message, to) -> {
              began.complete(true);
              try {
                release.await(20, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              to.onNext("finished");
              to.onCompleted();
            })
        .forEach(meshed::addService);
    meshed.addService(health.getHealthService());
    server = (inPlace ? own : meshed).build().start();
    return GrpcPeer.plaintext(server.getPort());
  }

  @Test
  void watchersHearAndRunningRpcsEnd() throws Exception {
    try (GrpcPeer peer = start(false)) {
      Queue<ServingStatus> watched = new ConcurrentLinkedQueue<>();
      HealthGrpc.newStub(peer.channel())
          .watch(
              HealthCheckRequest.getDefaultInstance(),
              new StreamObserver<>() {
                @Override
                public void onNext(HealthCheckResponse response) {
                  watched.add(response.getStatus());
                }

                @Override
                public void onError(Throwable end) {}

                @Override
                public void onCompleted() {}
              });
      await().until(() -> watched.contains(ServingStatus.SERVING));
      CompletableFuture<String> running =
          CompletableFuture.supplyAsync(() -> peer.unary(GrpcEcho.SAY, "x").message(), threads);
      began.get(20, TimeUnit.SECONDS);
      CompletableFuture<Void> closed = CompletableFuture.runAsync(mesh::close, threads);
      await().until(() -> watched.contains(ServingStatus.NOT_SERVING));
      await().until(server::isShutdown);
      assertThat(closed).isNotDone();
      health.setStatus("", ServingStatus.UNKNOWN);
      release.countDown();
      assertThat(running.get(20, TimeUnit.SECONDS)).isEqualTo("finished");
      closed.get(20, TimeUnit.SECONDS);
      assertThat(watched)
          .as("whatever the application says now")
          .containsExactly(
              ServingStatus.SERVING, ServingStatus.NOT_SERVING, ServingStatus.NOT_SERVING);
    }
  }

  /**
   * The builder was meshed in place, and built without its meshed form: nobody knows the server.
   */
  @Test
  void connectionsOfAServerThatIsNotKnownAreSentAwayToo() throws Exception {
    try (GrpcPeer peer = start(true)) {
      CompletableFuture<String> running =
          CompletableFuture.supplyAsync(() -> peer.unary(GrpcEcho.SAY, "x").message(), threads);
      began.get(20, TimeUnit.SECONDS);
      CompletableFuture<Void> closed = CompletableFuture.runAsync(mesh::close, threads);
      await().until(mesh::draining);
      release.countDown();
      assertThat(running.get(20, TimeUnit.SECONDS)).isEqualTo("finished");
      closed.get(20, TimeUnit.SECONDS);
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> peer.unary(GrpcEcho.SAY, "x"))
                      .isInstanceOf(StatusRuntimeException.class));
    }
  }

  @Test
  void whatDoesNotEndInTimeIsLeft() throws Exception {
    mesh.drainLimit(Duration.ofMillis(100));
    try (GrpcPeer peer = start(false)) {
      CompletableFuture<String> running =
          CompletableFuture.supplyAsync(() -> peer.unary(GrpcEcho.SAY, "x").message(), threads);
      began.get(20, TimeUnit.SECONDS);
      mesh.close();
      assertThat(running).isNotDone();
      release.countDown();
      assertThat(running.get(20, TimeUnit.SECONDS)).isEqualTo("finished");
    }
  }
}
