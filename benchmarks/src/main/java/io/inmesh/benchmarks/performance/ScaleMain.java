package io.inmesh.benchmarks.performance;

import io.inmesh.Mesh;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A process with a mesh of very many services, which picks hosts. */
final class ScaleMain {
  private static final long LIMIT_NANOS = 10_000_000_000L;

  private ScaleMain() {}

  /** Settings are in the environment. */
  public static void main(String[] arguments) throws IOException {
    Picks picks = Mesh.start().wrap(Picks.class, new Picks());
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          words[0].equals("retained")
              ? Heap.retained()
              : await(picks, words[1], Integer.parseInt(words[2])));
    }
    Runtime.getRuntime().halt(0);
  }

  /** When the first pick went to that port, on the clock that all processes share; -1: never. */
  private static long await(Picks picks, String authority, int port) {
    long end = System.nanoTime() + LIMIT_NANOS;
    for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
      if (picks.port(authority) == port) {
        return System.nanoTime();
      }
    }
    return -1;
  }
}
