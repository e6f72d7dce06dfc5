package io.inmesh.conformance.serial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.inmesh.call.BodyTraits;
import io.inmesh.config.RetryOn;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.RawServer;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.TestMesh;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that flow on an event loop: nobody is sent more than he takes, whoever is slow. */
@Timeout(30)
class SerialFlowTest {
  private static final int LARGE = 16 * 1024 * 1024;
  private final TestMesh mesh = new TestMesh();
  private final SerialClient client = new SerialClient(mesh);
  private final EventLoop loop = client.loop();
  private @Nullable RawServer server;

  @AfterEach
  void close() throws IOException {
    await().atMost(5, TimeUnit.SECONDS).untilAsserted(() -> assertThat(mesh.held()).isEmpty());
    client.close();
    mesh.close();
    if (server != null) {
      server.close();
    }
  }

  private void serve(RawServer.Handler handler) throws IOException {
    server = new RawServer(handler);
    mesh.use(TestTables.cluster("v1").at(server.port()).build());
    mesh.use(
        new TestTables()
            .routes(
                "reviews:80",
                TestTables.to("v1").retry(TestTables.retry(2, 0, RetryOn.FIVE_XX)).route()));
  }

  private static RequestHead head(String method, String... headers) {
    return new RequestHead(method, "http", "reviews", "/1", Headers.of(headers), Protocol.HTTP11);
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loop.submit(task).get(10, TimeUnit.SECONDS);
  }

  /** Counts what it gets. */
  private static final class Counting implements Caller {
    final AtomicLong bytes = new AtomicLong();
    final AtomicInteger writables = new AtomicInteger();
    final CompletableFuture<Integer> status = new CompletableFuture<>();
    final CompletableFuture<String> ended = new CompletableFuture<>();

    @Override
    public void head(ResponseHead head) {
      status.complete(head.status());
    }

    @Override
    public void data(ByteBuf data) {
      bytes.addAndGet(data.readableBytes());
      data.release();
    }

    @Override
    public void end(@Nullable Headers trailers) {
      ended.complete("end");
    }

    @Override
    public void failed(IOException why) {
      ended.complete(String.valueOf(why.getMessage()));
    }

    @Override
    public void writable() {
      writables.incrementAndGet();
    }
  }

  @Test
  void aSlowCallerSlowsTheServerDown() throws Exception {
    AtomicLong written = new AtomicLong();
    serve(
        (request, answer) -> {
          answer.head(200, LARGE);
          String piece = "x".repeat(64 * 1024);
          while (written.get() < LARGE) {
            answer.write(piece);
            answer.flush();
            written.addAndGet(piece.length());
          }
        });
    Counting caller = new Counting();
    SerialCall call = new SerialCall(mesh, loop, caller, 1 << 20);
    onLoop(
        () -> {
          call.reading(false);
          call.start(head("GET"), BodyTraits.NONE);
          call.finish();
          return null;
        });
    assertThat(caller.status.get(10, TimeUnit.SECONDS)).isEqualTo(200);
    await()
        .during(400, TimeUnit.MILLISECONDS)
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> written.get() < LARGE - 1024 * 1024 && caller.bytes.get() == 0);
    onLoop(
        () -> {
          call.reading(true);
          return null;
        });
    assertThat(caller.ended.get(20, TimeUnit.SECONDS)).isEqualTo("end");
    assertThat(caller.bytes).hasValue(LARGE);
  }

  @Test
  void aSlowServerHoldsTheCallerBack() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    java.net.ServerSocket raw = new java.net.ServerSocket();
    raw.setReceiveBufferSize(32 * 1024);
    raw.bind(new java.net.InetSocketAddress("127.0.0.1", 0));
    AtomicLong got = new AtomicLong();
    Thread accepting =
        new Thread(
            () -> {
              try (java.net.Socket socket = raw.accept()) {
                read.await();
                byte[] buffer = new byte[64 * 1024];
                while (got.get() < LARGE) {
                  got.addAndGet(socket.getInputStream().read(buffer));
                }
                socket
                    .getOutputStream()
                    .write("HTTP/1.1 200 .\r\ncontent-length: 0\r\n\r\n".getBytes("US-ASCII"));
                socket.getInputStream().read();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    accepting.setDaemon(true);
    accepting.start();
    mesh.use(TestTables.cluster("v1").at(raw.getLocalPort()).build());
    mesh.use(new TestTables().routes("reviews:80", TestTables.to("v1").route()));
    Counting caller = new Counting();
    SerialCall call = new SerialCall(mesh, loop, caller, 1 << 20);
    onLoop(
        () -> {
          String length = Integer.toString(LARGE);
          call.start(head("POST", "content-length", length), BodyTraits.REPLAYABLE);
          return null;
        });
    AtomicLong sent = new AtomicLong();
    Callable<Boolean> more =
        () -> {
          while (call.writable() && sent.get() < LARGE) {
            call.write(Unpooled.wrappedBuffer(new byte[16 * 1024]));
            sent.addAndGet(16 * 1024);
          }
          return sent.get() == LARGE;
        };
    await()
        .during(400, TimeUnit.MILLISECONDS)
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> !onLoop(more));
    assertThat(onLoop(() -> call.body.bytes())).as("kept in memory").isLessThan(2 << 20);
    int before = caller.writables.get();
    read.countDown();
    await().until(() -> onLoop(more));
    assertThat(caller.writables.get()).as("told that it may write").isGreaterThan(before);
    onLoop(
        () -> {
          call.finish();
          return null;
        });
    assertThat(caller.status.get(10, TimeUnit.SECONDS)).isEqualTo(200);
    assertThat(caller.ended.get(10, TimeUnit.SECONDS)).isEqualTo("end");
    assertThat(onLoop(() -> call.body.bytes())).as("everything was let go").isZero();
    raw.close();
  }

  @Test
  void aBodyPastTheLimitIsSentOnceAndTheAnswerIsGivenAsItIs() throws Exception {
    serve((request, answer) -> answer.text(503, "busy"));
    Counting caller = new Counting();
    SerialCall call = new SerialCall(mesh, loop, caller, 1000);
    onLoop(
        () -> {
          call.start(head("POST", "content-length", "2000"), BodyTraits.REPLAYABLE);
          call.write(Unpooled.wrappedBuffer(new byte[2000]));
          call.finish();
          return null;
        });
    assertThat(caller.status.get(10, TimeUnit.SECONDS)).isEqualTo(503);
    assertThat(caller.ended.get(10, TimeUnit.SECONDS)).isEqualTo("end");
    assertThat(mesh.lastOutcome().attempts()).isEqualTo(1);
  }

  @Test
  void aCallerWhoLeavesInTheMiddleOfABodyClosesTheConnection() throws Exception {
    CompletableFuture<String> broken = new CompletableFuture<>();
    serve(
        (request, answer) -> {
          answer.head(200, LARGE);
          try {
            while (true) {
              answer.write("x".repeat(64 * 1024));
              answer.flush();
            }
          } catch (IOException e) {
            broken.complete("closed");
            throw e;
          }
        });
    Counting caller = new Counting();
    SerialCall call = new SerialCall(mesh, loop, caller, 1 << 20);
    onLoop(
        () -> {
          call.reading(false);
          call.start(head("GET"), BodyTraits.NONE);
          call.finish();
          return null;
        });
    assertThat(caller.status.get(10, TimeUnit.SECONDS)).isEqualTo(200);
    loop.execute(call::cancel);
    assertThat(broken.get(10, TimeUnit.SECONDS)).isEqualTo("closed");
    assertThat(caller.ended.get(10, TimeUnit.SECONDS)).isEqualTo("Canceled");
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
  }
}
