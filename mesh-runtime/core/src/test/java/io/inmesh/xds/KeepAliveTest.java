package io.inmesh.xds;

import static io.inmesh.xds.Responses.resource;
import static io.inmesh.xds.Responses.response;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A network that swallows everything and closes nothing: seen by pings alone. */
class KeepAliveTest extends AdsTestBase {
  /** gRPC pings no more often than this. */
  private static final Duration SHORTEST = Duration.ofSeconds(10);

  @Test
  void aStreamThatHasGoneSilentIsReopened() throws Exception {
    client.close();
    try (Cable cable = new Cable(server.port())) {
      client =
          clientOf(
              ControlPlaneConnection.plaintext("127.0.0.1", cable.port())
                  .keepAlive(SHORTEST, Duration.ofMillis(200))
                  .build());
      client.watchAll(CDS);
      client.start();
      ScriptedServer.Stream stream = server.stream();
      stream.request();
      stream.send(response(CDS, "1", resource(CDS, "reviews", "x")));
      stream.request();
      cable.swallow();

      long before = System.nanoTime();
      Disconnection lost = disconnection(1);
      assertThat(lost.reason()).containsIgnoringCase("keepalive");
      assertThat(lost.afterResponse()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(SHORTEST.plusSeconds(8));
      assertThat(handler.names(CDS)).as("configuration stays").containsExactly("reviews");

      time.advance(lost.retryIn());
      ScriptedServer.Stream next = server.stream();
      next.request();
      next.send(response(CDS, "2", resource(CDS, "ratings", "x")));
      next.request();
      assertThat(handler.names(CDS)).containsExactly("ratings");
    }
  }

  /** Carries bytes both ways, until it swallows what its present connections carry. */
  private static final class Cable implements AutoCloseable {
    private final ServerSocket listening =
        new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final int target;
    private final List<Pipe> pipes = new ArrayList<>();

    Cable(int target) throws IOException {
      this.target = target;
      daemon(this::accept);
    }

    int port() {
      return listening.getLocalPort();
    }

    synchronized void swallow() {
      pipes.forEach(pipe -> pipe.swallowing = true);
    }

    private void accept() {
      try {
        while (true) {
          Socket near = listening.accept();
          Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
          synchronized (this) {
            pipes.add(new Pipe(near, far));
            pipes.add(new Pipe(far, near));
          }
        }
      } catch (IOException e) {
        // the end
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
      synchronized (this) {
        pipes.forEach(Pipe::close);
      }
    }
  }

  private static final class Pipe {
    private final Socket from;
    private final Socket to;
    volatile boolean swallowing;

    Pipe(Socket from, Socket to) {
      this.from = from;
      this.to = to;
      daemon(this::carry);
    }

    private void carry() {
      byte[] buffer = new byte[8192];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n; (n = in.read(buffer)) >= 0; ) {
          if (!swallowing) {
            out.write(buffer, 0, n);
          }
        }
      } catch (IOException e) {
        // the end of one side
      }
      if (!swallowing) {
        close();
      }
    }

    void close() {
      try {
        from.close();
        to.close();
      } catch (IOException e) {
        // closed already
      }
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "test-cable");
    thread.setDaemon(true);
    thread.start();
  }
}
