package io.inmesh.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.HttpManager;
import io.inmesh.config.HttpOptions;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.MtlsMode;
import io.inmesh.conformance.ServerUnderTest;
import io.inmesh.identity.TestPki;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The mesh closes while a meshed Tomcat serves. */
@Timeout(60)
class TomcatDrainTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final TestPki pki = TestPki.create();
  private final TestMesh mesh = new TestMesh();
  private final CountDownLatch inApplication = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private TestTomcat server;

  @BeforeEach
  void start() throws Exception {
    mesh.use(pki.leaf("spiffe://cluster.local/ns/shop/sa/reviews").material());
    HttpManager manager =
        new HttpManager(
            "virtualInbound/0.0.0.0_18080",
            true,
            TestTables.table("inbound", TestTables.to("inbound|18080||").route()),
            List.of(),
            HttpOptions.sidecar(true));
    mesh.use(new TestTables().inbound(MtlsMode.PERMISSIVE.table(manager)));
    server =
        TestTomcat.start(
            mesh,
            request -> {
              inApplication.countDown();
              release.await(20, TimeUnit.SECONDS);
              return ServerUnderTest.Response.text("finished");
            },
            false);
  }

  @AfterEach
  void stop() throws Exception {
    release.countDown();
    server.close();
    mesh.close();
    threads.shutdownNow();
  }

  private Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  @Test
  void http2CallersAreToldToGoAndStillGetTheirAnswer() throws Exception {
    try (Socket socket = socket()) {
      Http2Frames http2 = new Http2Frames(socket);
      http2.get(1, "http");
      inApplication.await();
      CompletableFuture<Void> closing = CompletableFuture.runAsync(mesh::close, threads);
      assertThat(http2.answer()).isEqualTo(Http2Frames.GOAWAY);
      assertThat(closing).isNotDone();
      release.countDown();
      int answer = http2.answer();
      while (answer == Http2Frames.GOAWAY) {
        answer = http2.answer();
      }
      assertThat(answer).isEqualTo(Http2Frames.HEADERS);
      closing.get();
    }
  }

  @Test
  void theDrainEndsAtItsLimitAndARequestThatStillRunsIsNotCut() throws Exception {
    mesh.drainLimit(Duration.ofMillis(200));
    try (Socket socket = socket()) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nhost: reviews\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      inApplication.await();
      CompletableFuture<Void> closing = CompletableFuture.runAsync(mesh::close, threads);
      closing.get(10, TimeUnit.SECONDS);
      assertThat(server.protocol().requests().none()).as("it still runs").isFalse();
      release.countDown();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).endsWith("finished").containsIgnoringCase("connection: close");
      await().untilAsserted(() -> assertThat(server.protocol().requests().none()).isTrue());
    }
  }
}
