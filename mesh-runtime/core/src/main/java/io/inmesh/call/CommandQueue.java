package io.inmesh.call;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A first-in first-out of commands without a node for each; a call rarely holds more than three.
 */
final class CommandQueue {
  private @Nullable Command[] ring = new Command[4];
  private int from;
  private int to;

  void add(Command command) {
    if (to == ring.length) {
      if (from > 0) {
        System.arraycopy(ring, from, ring, 0, to - from);
        to -= from;
        from = 0;
      } else {
        ring = Arrays.copyOf(ring, ring.length * 2);
      }
    }
    ring[to++] = command;
  }

  @Nullable Command next() {
    if (from == to) {
      return null;
    }
    Command command = ring[from];
    ring[from++] = null;
    if (from == to) {
      from = 0;
      to = 0;
    }
    return command;
  }

  boolean isEmpty() {
    return from == to;
  }
}
