package io.inmesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.inmesh.config.RetryOn;
import io.inmesh.config.TestTables;
import io.inmesh.conformance.RawServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockWebServer;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams, one-shot bodies, the application's own time-outs, listeners, dead connections. */
class BodiesAndTimeTest extends OkHttpFixture {
  private final List<RawServer> raw = new CopyOnWriteArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);

  private RawServer raw(RawServer.Handler handler) throws IOException {
    RawServer server = new RawServer(handler);
    raw.add(server);
    mesh.use(TestTables.cluster(REVIEWS).at(server.port()).build());
    return server;
  }

  private void route(TestTables.ForwardBuilder route) {
    mesh.use(new TestTables().routes("reviews:80", route.route()));
  }

  @AfterEach
  void closeServers() throws IOException {
    never.countDown();
    for (RawServer server : raw) {
      server.close();
    }
  }

  private static RequestBody oneShot(String text) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return null;
      }

      @Override
      public boolean isOneShot() {
        return true;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        sink.writeUtf8(text);
      }
    };
  }

  @Test
  void aOneShotBodyIsNeverSentTwice() throws Exception {
    MockWebServer server = server(status(503), text("not reached"));
    reviews(toReviews().retry(TestTables.retry(3, 0, RetryOn.FIVE_XX)), server);
    try (Response response = call(get("http://reviews/").post(oneShot("once")).build())) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(server.getRequestCount()).isEqualTo(1);
    assertThat(taken(server).getBody().utf8()).isEqualTo("once");
  }

  @Test
  void aResponseIsStreamedAsItComes() throws Exception {
    CountDownLatch firstRead = new CountDownLatch(1);
    raw(
        (request, answer) -> {
          answer.head(200, 12);
          answer.write("first ");
          answer.flush();
          firstRead.await(10, TimeUnit.SECONDS);
          answer.write("second");
        });
    route(toReviews());
    try (Response response = get()) {
      BufferedSource source = response.body().source();
      assertThat(source.readUtf8(6)).isEqualTo("first ");
      assertThat(mesh.held()).as("the lease lasts as long as the body").isNotEmpty();
      firstRead.countDown();
      assertThat(source.readUtf8()).isEqualTo("second");
      assertThat(mesh.held()).isEmpty();
    }
  }

  @Test
  void closingABodyEarlyEndsItsLease() throws Exception {
    raw(
        (request, answer) -> {
          answer.head(200, 1_000_000);
          answer.write("first");
          answer.flush();
          never.await(10, TimeUnit.SECONDS);
        });
    route(toReviews());
    get().close();
    assertThat(mesh.held()).isEmpty();
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
  }

  @Test
  void theApplicationsReadTimeoutIsTheCallersNotTheMeshs() throws Exception {
    raw((request, answer) -> never.await(10, TimeUnit.SECONDS));
    route(toReviews().retry(TestTables.retry(5, 0, RetryOn.FIVE_XX)));
    client = client.newBuilder().readTimeout(150, TimeUnit.MILLISECONDS).build();
    assertThatThrownBy(this::get).isInstanceOf(SocketTimeoutException.class);
    assertThat(raw.get(0).received()).as("it is no failure of the host").hasSize(1);
    assertThat(mesh.lastOutcome().flags()).hasToString("DC");
  }

  @Test
  void theApplicationsCallTimeoutCoversRetriesAndBody() throws Exception {
    raw(
        (request, answer) -> {
          answer.head(200, 100);
          answer.flush();
          never.await(10, TimeUnit.SECONDS);
        });
    route(toReviews());
    client = client.newBuilder().callTimeout(300, TimeUnit.MILLISECONDS).build();
    assertThatThrownBy(() -> text(get()))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("timeout");
    raw((request, answer) -> never.await(10, TimeUnit.SECONDS));
    assertThatThrownBy(this::get).isInstanceOf(InterruptedIOException.class).hasMessage("timeout");
  }

  @Test
  void aBodyThatCannotBeReadIsTheCallersFailure() throws Exception {
    RawServer server = raw((request, answer) -> answer.text(200, "no"));
    route(toReviews().retry(TestTables.retry(5, 0, RetryOn.FIVE_XX)));
    AtomicInteger written = new AtomicInteger();
    RequestBody broken =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return null;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            written.incrementAndGet();
            throw new IOException("the file is gone");
          }
        };
    assertThatThrownBy(() -> call(get("http://reviews/").post(broken).build()))
        .hasMessage("the file is gone");
    assertThat(written).hasValue(1);
    assertThat(server.received()).isEmpty();
  }

  @Test
  void theApplicationsListenerAndInterceptorsAreKept() throws Exception {
    MockWebServer server = server(text("ok"));
    reviews(toReviews(), server);
    List<String> events = new CopyOnWriteArrayList<>();
    OkHttpClient application =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain ->
                    chain.proceed(
                        chain.request().newBuilder().header("X-From", "interceptor").build()))
            .eventListener(
                new EventListener() {
                  @Override
                  public void callStart(Call call) {
                    events.add("start " + call.request().url());
                  }

                  @Override
                  public void callEnd(Call call) {
                    events.add("end");
                  }
                })
            .build();
    client = wrap(application);
    text(get());
    assertThat(events).containsExactly("start http://reviews/1", "end");
    assertThat(taken(server).getHeaders().get("x-from")).isEqualTo("interceptor");
    assertThat(client.dispatcher()).isSameAs(application.dispatcher());
  }

  @Test
  void aPooledConnectionThatDiedIsReplacedForIdempotentRequests() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RawServer server =
        raw(
            (request, answer) -> {
              calls.incrementAndGet();
              answer.text(200, "ok");
              answer.flush();
              if (calls.get() == 1) {
                answer.close(); // without Connection: close, as a server whose patience ended
              }
            });
    route(toReviews());
    assertThat(text(get())).isEqualTo("ok");
    await().until(() -> !server.connected());
    assertThat(text(get())).isEqualTo("ok");
    assertThat(mesh.lastOutcome().attempts()).as("the engine saw one attempt").isEqualTo(1);
    assertThat(server.received()).hasSize(2);
  }

  @Test
  void aHostThatDiesOnAFreshConnectionIsNotAskedAgain() throws Exception {
    RawServer server = raw((request, answer) -> answer.reset());
    route(toReviews());
    try (Response response = get()) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(server.received()).hasSize(1);
    assertThat(mesh.lastOutcome().flags()).hasToString("UC");
  }

  @Test
  void connectionsOfARemovedHostAreClosed() throws Exception {
    RawServer server = raw((request, answer) -> answer.text(200, "ok"));
    route(toReviews());
    text(get());
    assertThat(server.connected()).isTrue();
    mesh.use(TestTables.cluster(REVIEWS).at(1).build());
    await().until(() -> !server.connected());
  }

  @Test
  void connectionsAreClosedWithTheMesh() throws Exception {
    RawServer server = raw((request, answer) -> answer.text(200, "ok"));
    route(toReviews());
    Response open = get();
    assertThat(server.connected()).isTrue();
    mesh.close();
    assertThat(text(open)).as("what runs may end").isEqualTo("ok");
    await().until(() -> !server.connected());
  }
}
