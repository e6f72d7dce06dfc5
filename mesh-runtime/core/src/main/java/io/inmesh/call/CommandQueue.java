package io.inmesh.call;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A first-in first-out of commands; a driver takes nearly every one before the next is there, so
 * there is a place for one and a queue only for more.
 */
final class CommandQueue {
  private @Nullable Command first;
  private @Nullable Queue<Command> more;

  void add(Command command) {
    if (first == null) {
      first = command;
      return;
    }
    if (more == null) {
      more = new ArrayDeque<>(4);
    }
    more.add(command);
  }

  @Nullable Command next() {
    Command command = first;
    first = more == null ? null : more.poll();
    return command;
  }

  boolean isEmpty() {
    return first == null;
  }
}
