package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.controlplane.ControlPlaneEvent;
import io.inmesh.spring.boot.apps.Slow;
import io.inmesh.spring.boot.apps.Storefront;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;

/** The mesh lives and ends with the application. */
@Timeout(120)
class LifeCycleTest {
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();
  private static LiveMesh mesh;
  private static ConfigurableApplicationContext storefront;

  @BeforeAll
  static void start() {
    mesh = new LiveMesh();
    mesh.split(100, 0);
    storefront =
        mesh.start(
            Storefront.class,
            "storefront",
            "server.port=-1",
            "spring.http.serviceclient.reviews.base-url=" + Storefront.REVIEWS);
  }

  @AfterAll
  static void stop() {
    mesh.close();
    THREADS.shutdownNow();
  }

  @Test
  void anApplicationThatStopsIsLeftAloneFirstAndFinishesWhatRuns() throws Exception {
    List<String> gone = new CopyOnWriteArrayList<>();
    mesh.plane()
        .onEvent(
            event -> {
              if (event.kind() == ControlPlaneEvent.Kind.REMOVED) {
                gone.add(event.detail());
              }
            });
    ConfigurableApplicationContext reviews =
        mesh.start(Slow.class, "reviews", "inmesh.labels=app=reviews,version=v1");
    RestClient client = storefront.getBean(RestClient.class);
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> client.get().uri("/fast").retrieve().body(String.class) != null);
    CompletableFuture<String> running =
        CompletableFuture.supplyAsync(
            () -> client.get().uri("/slow").retrieve().body(String.class), THREADS);
    Slow.Gate gate = reviews.getBean(Slow.Gate.class);
    assertThat(gate.entered().await(20, TimeUnit.SECONDS)).isTrue();

    CompletableFuture<Void> closing = CompletableFuture.runAsync(reviews::close, THREADS);
    await().atMost(Duration.ofSeconds(20)).until(() -> gone.contains("it has left"));
    assertThat(running).as("it still runs").isNotDone();
    assertThat(closing).as("Boot waits for it").isNotDone();
    gate.release().countDown();
    assertThat(running.get(20, TimeUnit.SECONDS)).isEqualTo("finished");
    closing.get(30, TimeUnit.SECONDS);
  }
}
