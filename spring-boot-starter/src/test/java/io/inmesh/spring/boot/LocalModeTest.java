package io.inmesh.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.inmesh.controlplane.local.LocalMesh;
import io.inmesh.spring.boot.apps.LocalReviews;
import io.inmesh.spring.boot.apps.Reviews.Review;
import io.inmesh.spring.boot.apps.Storefront;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;

/** {@code inmesh.local=true} in applications of several processes; nobody starts anything else. */
@Timeout(300)
class LocalModeTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private final List<Process> processes = new ArrayList<>();
  @TempDir Path folder;

  @AfterEach
  void endAll() {
    processes.forEach(Process::destroyForcibly);
  }

  private String[] properties(String name, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(
        List.of(
            "spring.application.name=" + name,
            "inmesh.local=true",
            "inmesh.start-limit=90s",
            "inmesh.local-mesh.directory=" + folder.resolve("local"),
            "inmesh.local-mesh.port=0",
            "spring.main.banner-mode=off",
            "spring.devtools.restart.enabled=false",
            "spring.jmx.enabled=false",
            "logging.level.root=warn",
            "logging.level.io.inmesh.local=info",
            "server.port=0"));
    return all.toArray(String[]::new);
  }

  /** An application in a JVM of its own, with the class path of this one. */
  private Process run(String name, String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(LocalReviews.class.getName());
    for (String property : properties(name)) {
      command.add("--" + property);
    }
    for (String property : more) {
      command.removeIf(known -> known.startsWith("--" + property.split("=")[0] + "="));
      command.add("--" + property);
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + "-" + processes.size() + ".log").toFile())
            .start();
    processes.add(process);
    return process;
  }

  @Test
  void theOwnerIsKilledUnderLoadAndNothingIsLost() throws Exception {
    Process owner = run("lobby");
    Path root = folder.resolve("local/state/root-cert.pem");
    await().atMost(LIMIT).until(() -> Files.exists(folder.resolve("local/port")));
    byte[] authority = Files.readAllBytes(root);
    run("reviews");
    try (ConfigurableApplicationContext storefront =
        new SpringApplicationBuilder(Storefront.class)
            .properties(
                properties(
                    "storefront",
                    "spring.http.serviceclient.reviews.base-url=http://reviews",
                    "spring.main.web-application-type=none"))
            .run()) {
      LocalMesh local = storefront.getBean(LocalMesh.class);
      RestClient reviews =
          storefront.getBean(RestClient.Builder.class).baseUrl("http://reviews").build();
      await().atMost(LIMIT).ignoreExceptions().until(() -> version(reviews) != null);
      assertThat(local.owner()).isFalse();

      Load load = new Load(reviews);
      load.awaitMore(20);
      owner.destroyForcibly().waitFor();
      load.awaitMore(20);
      await().atMost(LIMIT).until(() -> version(reviews) != null && answered(local));
      // who joins now finds the others, and they find it
      run("reviews", "reviews.version=v2");
      await().atMost(LIMIT).until(() -> load.versions.contains("v2"));
      assertThat(load.end()).isEmpty();
      assertThat(Files.readAllBytes(root)).as("the same CA").isEqualTo(authority);
    }
  }

  @Test
  void devtoolsRestartsTheApplicationInTheMesh() throws Exception {
    Path watched = Files.createDirectory(folder.resolve("watched"));
    Process reviews =
        run(
            "reviews",
            "spring.devtools.restart.enabled=true",
            "spring.devtools.restart.additional-paths=" + watched,
            "spring.devtools.restart.poll-interval=200ms",
            "spring.devtools.restart.quiet-period=100ms",
            "spring.devtools.livereload.enabled=false",
            "logging.level.io.inmesh=info");
    Path log = folder.resolve("reviews-0.log");
    await().atMost(LIMIT).until(() -> inTheMesh(log) == 1);
    try (ConfigurableApplicationContext storefront =
        new SpringApplicationBuilder(Storefront.class)
            .properties(
                properties(
                    "storefront",
                    "spring.http.serviceclient.reviews.base-url=http://reviews",
                    "spring.main.web-application-type=none"))
            .run()) {
      RestClient client =
          storefront.getBean(RestClient.Builder.class).baseUrl("http://reviews").build();
      await().atMost(LIMIT).ignoreExceptions().until(() -> version(client) != null);
      Files.writeString(watched.resolve("changed.txt"), "changed");
      await().atMost(LIMIT).until(() -> inTheMesh(log) == 2);
      await().atMost(LIMIT).ignoreExceptions().until(() -> version(client) != null);
      assertThat(reviews.isAlive()).as("the same process").isTrue();
    }
  }

  private static long inTheMesh(Path log) throws IOException {
    return Files.readAllLines(log).stream().filter(line -> line.endsWith(": in the mesh")).count();
  }

  private static boolean answered(LocalMesh local) {
    try (java.net.Socket socket = new java.net.Socket()) {
      socket.connect(new java.net.InetSocketAddress("127.0.0.1", local.port()), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String version(RestClient reviews) {
    Review review = reviews.get().uri("/reviews/1").retrieve().body(Review.class);
    assertThat(review.peer()).isEqualTo("spiffe://cluster.local/ns/default/sa/storefront");
    return review.version();
  }

  /** Calls without a pause. */
  private static final class Load {
    final Set<String> versions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<String> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    private final Thread thread;

    Load(RestClient reviews) {
      thread =
          new Thread(
              () -> {
                while (!over.get()) {
                  try {
                    versions.add(version(reviews));
                  } catch (RuntimeException | AssertionError e) {
                    failures.add(e.toString());
                  }
                  calls.incrementAndGet();
                }
              });
      thread.start();
    }

    void awaitMore(int more) {
      int now = calls.get();
      await().atMost(LIMIT).until(() -> calls.get() >= now + more);
    }

    List<String> end() throws InterruptedException {
      over.set(true);
      thread.join();
      return failures;
    }
  }
}
