package io.inmesh.differential;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for the listeners of Envoys. Two Envoys that start at the same time would both bind a port,
 * and the later one would live without listening: so each run of tests on this machine has a range
 * of its own, below the ports that systems give to clients, and uses each of them in turn.
 */
final class Ports {
  private static final int FIRST = 10_000;
  private static final int RANGES = 22;
  private static final int RANGE = 1_000;
  private static final ServerSocket CLAIM = claim();
  private static final AtomicInteger NEXT = new AtomicInteger();

  private Ports() {}

  /** The first port of the range, held as long as this process lives, says whose it is. */
  private static ServerSocket claim() {
    int start = new Random().nextInt(RANGES);
    for (int i = 0; i < RANGES; i++) {
      try {
        int port = FIRST + (start + i) % RANGES * RANGE;
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        // another run's
      }
    }
    throw new IllegalStateException("more than " + RANGES + " runs on this machine");
  }

  static List<Integer> free(int count) {
    List<Integer> ports = new ArrayList<>();
    while (ports.size() < count) {
      int port = CLAIM.getLocalPort() + 1 + Math.floorMod(NEXT.getAndIncrement(), RANGE - 1);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        ports.add(free.getLocalPort());
      } catch (IOException e) {
        // somebody's
      }
    }
    return ports;
  }
}
