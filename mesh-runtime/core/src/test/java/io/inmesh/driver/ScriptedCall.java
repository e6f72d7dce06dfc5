package io.inmesh.driver;

import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Outcome;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call that gives the commands a test queues and answers events as the test says. */
final class ScriptedCall implements Call {
  static final RequestHead HEAD =
      new RequestHead("GET", "http", "reviews", "/", new Headers(), Protocol.HTTP11);

  final Deque<Command> commands = new ArrayDeque<>();
  final List<Event> events = new ArrayList<>();
  Consumer<Event> answer = event -> {};

  /** Runs when poll has nothing to give, before it says so. */
  Runnable idle = () -> {};

  /** Runs once the clock has reached {@link #deadline}. */
  Runnable timeUp = () -> {};

  long deadline = Long.MAX_VALUE;

  static Command.Start start(int attempt, boolean background) {
    return new Command.Start(attempt, null, null, HEAD, background);
  }

  static ResponseHead response(int status) {
    return new ResponseHead(status, new Headers());
  }

  ScriptedCall give(Command... more) {
    commands.addAll(List.of(more));
    return this;
  }

  void done() {
    deadline = Long.MAX_VALUE;
    commands.add(doneCommand());
  }

  /** {@code Done} has one instance, which only calls give. */
  static Command doneCommand() {
    return new Command.Done();
  }

  @Override
  public void on(Event event, long nowNanos) {
    events.add(event);
    answer.accept(event);
  }

  @Override
  public @Nullable Command poll(long nowNanos) {
    if (commands.isEmpty() && deadline <= nowNanos) {
      deadline = Long.MAX_VALUE;
      timeUp.run();
    }
    if (commands.isEmpty()) {
      idle.run();
      return null;
    }
    return commands.poll();
  }

  @Override
  public long deadlineNanos() {
    return deadline;
  }

  @Override
  public CallContext context() {
    return CallContext.NONE;
  }

  @Override
  public Outcome outcome() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean wantsResponse() {
    return true;
  }
}
