package io.inmesh.examples.quickstart;

import io.inmesh.examples.quickstart.Processes.Instance;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The running demonstration: control plane, four reviews, the storefront. */
final class Shop {
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private final Processes processes;
  private final MeshFolder mesh;
  private final List<Instance> instances;
  private final Map<String, Child> reviews = new LinkedHashMap<>();
  private final Child storefront;
  private Child controlPlane;
  private int requests;
  private int failed;

  private Shop(Processes processes, MeshFolder mesh)
      throws IOException, NotSeen, InterruptedException {
    this.processes = processes;
    this.mesh = mesh;
    this.instances = Processes.instances();
    this.controlPlane = processes.controlPlane();
    for (Instance instance : instances) {
      reviews.put(instance.name(), processes.reviews(instance));
    }
    this.storefront = processes.caller("storefront");
    Processes.awaitReady(storefront);
    for (Child child : reviews.values()) {
      Processes.awaitReady(child);
    }
    storefront.await(
        0,
        ANSWER,
        "four endpoints of reviews at the storefront",
        line -> Endpoints.of(line, Endpoints.ALL_OF_REVIEWS) == instances.size());
    storefront.say("load");
  }

  static Shop open(Processes processes, MeshFolder mesh)
      throws IOException, NotSeen, InterruptedException {
    return new Shop(processes, mesh);
  }

  Processes processes() {
    return processes;
  }

  MeshFolder mesh() {
    return mesh;
  }

  List<Instance> instances() {
    return instances;
  }

  Child storefront() {
    return storefront;
  }

  Child reviews(String name) {
    return Objects.requireNonNull(reviews.get(name));
  }

  List<Child> workloads() {
    List<Child> all = new java.util.ArrayList<>(reviews.values());
    all.add(storefront);
    return all;
  }

  Child controlPlane() {
    return controlPlane;
  }

  void restartControlPlane() throws IOException, NotSeen, InterruptedException {
    controlPlane = processes.controlPlane();
  }

  void restart(Instance instance) throws IOException {
    reviews.put(instance.name(), processes.reviews(instance));
  }

  // ---- what the storefront is asked

  Fields call() throws NotSeen, InterruptedException {
    return storefront.ask("call", "call", ANSWER);
  }

  /** What became of everything that was asked since the last window. */
  Fields window() throws NotSeen, InterruptedException {
    return counted(storefront.ask("window", "window", ANSWER));
  }

  /** A window of so many requests, and what was asked between the last one and it. */
  Measured measure(int requests) throws NotSeen, InterruptedException {
    int mark = storefront.mark();
    Fields window = storefront.ask("measure " + requests, "window", ANSWER);
    Child.Line before =
        storefront.await(mark, ANSWER, "what was before", line -> line.startsWith("before "));
    return new Measured(counted(Fields.parse(before.text())), counted(window));
  }

  private Fields counted(Fields window) {
    requests += window.number("requests");
    failed += window.number("failed");
    return window;
  }

  /** All that were counted, from the first on. */
  int requests() {
    return requests;
  }

  int failed() {
    return failed;
  }

  void awaitAnswerFrom(String instance) throws NotSeen, InterruptedException {
    storefront.ask("await " + instance, "answered", ANSWER);
  }

  private int version() throws NotSeen, InterruptedException {
    return storefront.ask("version", "version", ANSWER).number("now");
  }

  /** Edits the weights and waits until the storefront's mesh follows them. */
  Shift shift(int v1, int v2) throws IOException, NotSeen, InterruptedException {
    int before = version();
    long edited = System.nanoTime();
    List<String> diff = mesh.weights(v1, v2);
    while (version() <= before) {
      NotSeen.check(
          System.nanoTime() - edited < ANSWER.toNanos(),
          "the new weights are not in force after " + ANSWER.toSeconds() + " s",
          controlPlane);
      Thread.sleep(1);
    }
    return new Shift(diff, (System.nanoTime() - edited) / 1_000_000);
  }

  record Measured(Fields before, Fields window) {}

  /**
   * @param diff what was changed in the file
   * @param millis from saving the file to being in force at the caller
   */
  record Shift(List<String> diff, long millis) {}
}
