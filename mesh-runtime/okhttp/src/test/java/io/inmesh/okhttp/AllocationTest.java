package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.TestTables;
import io.inmesh.conformance.Allocations;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a meshed call costs its thread, OkHttp's own share included: docs/benchmarks.md, and a
 * tenth.
 */
@Timeout(180)
class AllocationTest extends OkHttpFixture {
  private static final long CALL = 10_520 * 11 / 10;
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  AllocationTest() throws IOException {
    Thread thread = new Thread(this::serve, "answers");
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** One connection, and the same answer to every GET. */
  private void serve() {
    try (Socket socket = server.accept()) {
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      int end = 0;
      for (int b = in.read(); b >= 0; b = in.read()) {
        end = b == "\r\n\r\n".charAt(end) ? end + 1 : 0;
        if (end == 4) {
          end = 0;
          socket.getOutputStream().write(ANSWER);
        }
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  @Test
  void aCallAllocatesNoMoreThanItDid() throws Exception {
    mesh.use(TestTables.cluster(REVIEWS).at(server.getLocalPort()).build());
    mesh.use(new TestTables().routes("reviews:80", toReviews().route()));
    Request request = get("http://reviews/items/1").header("accept", "application/json").build();
    long bytes =
        Allocations.ofCaller(
            CALL,
            () -> {
              try (Response response = call(request)) {
                return response.body().source().readByteArray().length;
              }
            });
    assertThat(mesh.lastOutcome().status()).isEqualTo(200);
    assertThat(bytes).isLessThanOrEqualTo(CALL);
  }
}
