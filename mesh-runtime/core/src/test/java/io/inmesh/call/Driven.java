package io.inmesh.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A call and the commands it gave, driven by hand. */
final class Driven {
  private final CallHarness harness;
  final Call call;
  private final Deque<Command> commands = new ArrayDeque<>();

  Driven(CallHarness harness, Call call) {
    this.harness = harness;
    this.call = call;
    drain();
  }

  private void drain() {
    for (Command command; (command = call.poll(harness.now)) != null; ) {
      commands.add(command);
      if (command instanceof Command.Done) {
        break;
      }
    }
  }

  /** The next command, which must be of that type. */
  <C extends Command> C next(Class<C> type) {
    Command command = commands.poll();
    assertThat(command).isInstanceOf(type);
    return type.cast(command);
  }

  @Nullable Command next() {
    return commands.poll();
  }

  Driven quiet() {
    assertThat(commands).isEmpty();
    return this;
  }

  Driven on(Event event) {
    call.on(event, harness.now);
    drain();
    return this;
  }

  /** What a driver does after a wake. */
  Driven woken() {
    drain();
    return this;
  }

  /** To the call's own deadline, exactly. */
  Driven toDeadline() {
    assertThat(call.deadlineNanos()).isNotEqualTo(Long.MAX_VALUE);
    harness.now = Math.max(harness.now, call.deadlineNanos());
    drain();
    return this;
  }

  Driven later(long nanos) {
    harness.now += nanos;
    drain();
    return this;
  }

  /** Nothing left to do, nothing held. */
  void finished() {
    next(Command.Done.class);
    quiet();
    assertThat(harness.leases()).as("leases that have not ended").isZero();
    assertThat(harness.ended).as("the end is told exactly once").hasSize(1);
    assertThat(call.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
  }
}
