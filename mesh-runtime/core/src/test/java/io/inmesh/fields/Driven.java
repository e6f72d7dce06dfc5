package io.inmesh.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Outcome;
import io.inmesh.call.ResetKind;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A call in the hands of a test, which plays the upstream. */
final class Driven {
  private final Configured mesh;
  private final Call call;
  final RequestHead request;
  private final Deque<Command> commands = new ArrayDeque<>();
  private int attempt;

  Driven(Configured mesh, Call call, RequestHead request) {
    this.mesh = mesh;
    this.call = call;
    this.request = request;
    drain();
  }

  private void drain() {
    for (Command command; (command = call.poll(mesh.now)) != null; ) {
      commands.add(command);
      if (command instanceof Command.Done) {
        break;
      }
    }
  }

  <C extends Command> C next(Class<C> type) {
    Command command = commands.poll();
    assertThat(command).as("outcome so far: %s", call.outcome()).isInstanceOf(type);
    return type.cast(command);
  }

  /** The next command is an attempt; later events are about it. */
  Command.Start start() {
    Command.Start start = next(Command.Start.class);
    attempt = start.attempt();
    return start;
  }

  /** Where the next attempt goes. */
  String ip() {
    String address = start().host().address();
    return address.substring(0, address.lastIndexOf(':'));
  }

  @Nullable Command peek() {
    return commands.peek();
  }

  /** The call waits. */
  Driven quiet() {
    assertThat(commands).isEmpty();
    return this;
  }

  Driven on(Event event) {
    call.on(event, mesh.now);
    drain();
    return this;
  }

  /** The upstream's whole answer. */
  Driven answer(int status, String... headers) {
    return on(new Event.Head(attempt, new ResponseHead(status, Headers.of(headers)), true));
  }

  /** The head of an answer whose body is still to come. */
  Driven head(int status, String... headers) {
    return on(new Event.Head(attempt, new ResponseHead(status, Headers.of(headers)), false));
  }

  Driven sent() {
    return on(new Event.RequestSent(attempt));
  }

  Driven fails(ResetKind kind) {
    return on(new Event.Failed(attempt, kind, "x"));
  }

  /** From now to the next deadline, in milliseconds; -1: none. The clock is moved there. */
  long toDeadline() {
    long at = call.deadlineNanos();
    if (at == Long.MAX_VALUE) {
      return -1;
    }
    long millis = (at - mesh.now) / Configured.MS;
    mesh.now = Math.max(mesh.now, at);
    drain();
    return millis;
  }

  Driven later(long millis) {
    mesh.now += millis * Configured.MS;
    drain();
    return this;
  }

  /** What the caller gets. */
  ResponseHead response() {
    Command command = commands.poll();
    while (command instanceof Command.Cancel) {
      command = commands.poll();
    }
    if (command instanceof Command.Reply reply) {
      return reply.head();
    }
    assertThat(command)
        .as("outcome so far: %s", call.outcome())
        .isInstanceOf(Command.Respond.class);
    return ((Command.Respond) command).head();
  }

  CallContext context() {
    return call.context();
  }

  boolean wantsResponse() {
    return call.wantsResponse();
  }

  Outcome outcome() {
    return call.outcome();
  }

  void skipCancels() {
    while (commands.peek() instanceof Command.Cancel) {
      commands.poll();
    }
  }

  /** True if an attempt has been started that was not looked at yet. */
  boolean tries() {
    skipCancels();
    if (commands.peek() instanceof Command.Start) {
      start();
      return true;
    }
    return false;
  }
}
