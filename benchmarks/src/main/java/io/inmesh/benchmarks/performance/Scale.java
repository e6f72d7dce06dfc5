package io.inmesh.benchmarks.performance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A mesh of 10,000 services with 10 endpoints each: what it holds, how soon it follows. */
final class Scale {
  static final int SERVICES = 10_000;
  static final int ENDPOINTS = 10;
  private static final int FEW = 10;
  private static final int ROUNDS = 3;
  private static final int UPDATES = 200;
  private static final int WARM_UP = 300;
  private static final double MIB = 1024 * 1024;

  private Scale() {}

  /**
   * @param retainedMiB with all services, less what is held with ten of them
   * @param updateMillis p99 of each round
   */
  record Held(Spread retainedMiB, Spread updateMillis) {
    String rows() {
      return Claim.atMost(
                  String.format(
                      Locale.ROOT,
                      "retained for %,d clusters and %,d endpoints",
                      SERVICES,
                      SERVICES * ENDPOINTS),
                  64)
              .row(retainedMiB, " MB")
          + Claim.atMost("from EDS update to first pick, p99 of " + UPDATES, 5)
              .row(updateMillis, " ms");
    }
  }

  static Held measure(Path work) throws IOException {
    long few;
    try (ScaleServer server = new ScaleServer(FEW, ENDPOINTS);
        Child child = start(work, "few", server)) {
      few = retained(child);
    }
    try (ScaleServer server = new ScaleServer(SERVICES, ENDPOINTS);
        Child child = start(work, "many", server)) {
      double retained = (retained(child) - few) / MIB;
      int[] generation = {ScaleServer.PORT};
      updates(server, child, generation, WARM_UP);
      List<Double> slow = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        slow.add(Latencies.at(updates(server, child, generation, UPDATES), 0.99) / 1e6);
      }
      return new Held(Spread.of(List.of(retained)), Spread.of(slow));
    }
  }

  /** The least of a few: the last responses may still be in somebody's hands. */
  private static long retained(Child child) throws IOException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      least = Math.min(least, child.number("retained"));
    }
    return least;
  }

  /** One after the other, each of another service: nanoseconds, ascending. */
  private static long[] updates(ScaleServer server, Child child, int[] generation, int count)
      throws IOException {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      int port = ++generation[0];
      int service = port * 7919 % SERVICES;
      child.tell("pick " + ScaleServer.host(service) + ":" + ScaleServer.PORT + " " + port);
      long start = System.nanoTime();
      server.move(service, port);
      long picked = Long.parseLong(child.answer());
      if (picked < 0) {
        throw new IOException("an update of service " + service + " was never seen");
      }
      nanos[i] = picked - start;
    }
    Arrays.sort(nanos);
    return nanos;
  }

  private static Child start(Path work, String name, ScaleServer server) throws IOException {
    Path token = Files.writeString(work.resolve("no-token"), "none");
    Child child =
        Child.start(
            "scale-" + name,
            work,
            Map.of(
                "INMESH_CONTROL_PLANE_ADDRESS", "127.0.0.1:" + server.port(),
                "INMESH_CONTROL_PLANE_PLAINTEXT", "true",
                "INMESH_IDENTITY_SOURCE", "none",
                "INMESH_TOKEN_FILE", token.toString(),
                "INMESH_NAMESPACE", "bench",
                "INMESH_IP", "127.0.0.1",
                "INMESH_START_LIMIT", "180s"),
            "1g",
            ScaleMain.class);
    child.awaitReady();
    return child;
  }
}
