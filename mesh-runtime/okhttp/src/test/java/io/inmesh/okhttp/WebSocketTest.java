package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.TestTables;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.Test;

/** A WebSocket is one attempt, routed like any request; its lease lasts as long as it. */
class WebSocketTest extends OkHttpFixture {
  /** Remembers what a side of a WebSocket saw. */
  private static final class Seen extends WebSocketListener {
    final List<String> events = new CopyOnWriteArrayList<>();
    final CompletableFuture<Response> failed = new CompletableFuture<>();
    final boolean echo;

    Seen(boolean echo) {
      this.echo = echo;
    }

    @Override
    public void onOpen(WebSocket socket, Response response) {
      events.add("open " + response.code());
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      events.add(text);
      if (echo) {
        socket.send("echo " + text);
      }
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      socket.close(code, reason);
    }

    @Override
    public void onClosed(WebSocket socket, int code, String reason) {
      events.add("closed " + code);
    }

    @Override
    public void onFailure(WebSocket socket, Throwable t, Response response) {
      events.add("failed " + t.getMessage());
      failed.complete(response);
    }
  }

  @Test
  void messagesTravelBothWays() throws Exception {
    Seen there = new Seen(true);
    MockWebServer server = server(new MockResponse.Builder().webSocketUpgrade(there).build());
    reviews(toReviews(), server);
    Seen here = new Seen(false);
    WebSocket socket = client.newWebSocket(get("ws://reviews/live").build(), here);
    socket.send("one");
    await().until(() -> here.events.contains("echo one"));
    assertThat(here.events.get(0)).isEqualTo("open 101");
    assertThat(mesh.held()).isNotEmpty();
    socket.send("two");
    await().until(() -> here.events.contains("echo two"));
    socket.close(1000, "enough");
    await().until(() -> here.events.contains("closed 1000"));
    await().until(() -> mesh.held().isEmpty());
    assertThat(taken(server).getHeaders().get("host")).isEqualTo("reviews");
  }

  @Test
  void aCancelledWebSocketGivesItsLeaseBack() throws Exception {
    Seen there = new Seen(true);
    MockWebServer server = server(new MockResponse.Builder().webSocketUpgrade(there).build());
    reviews(toReviews(), server);
    Seen here = new Seen(false);
    WebSocket socket = client.newWebSocket(get("ws://reviews/live").build(), here);
    socket.send("one");
    await().until(() -> here.events.contains("echo one"));
    socket.cancel();
    await().until(() -> mesh.held().isEmpty());
  }

  @Test
  void aClusterOfHttp2OnlyIsRefusedWithTheReason() throws Exception {
    MockWebServer server = server();
    mesh.use(TestTables.cluster(REVIEWS).at(server.getPort()).http2().build());
    mesh.use(new TestTables().routes("reviews:80", toReviews().route()));
    Seen here = new Seen(false);
    client.newWebSocket(get("ws://reviews/live").build(), here);
    Response refused = here.failed.get(5, TimeUnit.SECONDS);
    assertThat(refused.code()).isEqualTo(502);
    assertThat(mesh.lastOutcome().failure()).contains("speaks HTTP/2 only");
  }
}
