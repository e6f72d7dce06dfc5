package io.inmesh.conformance;

import io.inmesh.call.Call;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Outcome;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Drives one call to its end on a clock that only moves to deadlines, and remembers what it did.
 */
final class CallScript {
  private static final int LIMIT = 200;

  final List<Command.Start> starts = new ArrayList<>();
  Command.@Nullable Dispatch dispatched;
  @Nullable ResponseHead answer;
  String body = "";
  boolean waitsForEver;
  private final MeshUnderTest mesh;
  private final Call call;
  private final boolean hasBody;

  CallScript(MeshUnderTest mesh, Call call, boolean hasBody) {
    this.mesh = mesh;
    this.call = call;
    this.hasBody = hasBody;
  }

  Outcome outcome() {
    return call.outcome();
  }

  /** What the host does with an attempt. */
  CallScript run(BiConsumer<CallScript, Command.Start> host) {
    for (int i = 0; i < LIMIT; i++) {
      Command command = call.poll(mesh.now);
      if (command instanceof Command.Done) {
        return this;
      } else if (command instanceof Command.Start start) {
        starts.add(start);
        if (hasBody) {
          on(new Event.RequestSent(start.attempt()));
        }
        host.accept(this, start);
      } else if (command instanceof Command.Dispatch dispatch) {
        dispatched = dispatch;
        on(new Event.AppHead(new ResponseHead(200, Headers.of("server", "app", "x-app", "1"))));
        on(new Event.AppEnd(null));
      } else if (command instanceof Command.Respond respond) {
        answer = respond.head();
      } else if (command instanceof Command.Reply reply) {
        answer = reply.head();
        body = reply.body();
      } else if (command == null && call.deadlineNanos() != Long.MAX_VALUE) {
        mesh.now = Math.max(mesh.now, call.deadlineNanos());
      } else if (command == null) {
        waitsForEver = true;
        on(new Event.CallerGone());
      }
    }
    throw new AssertionError("the call does not end: " + call.outcome());
  }

  void on(Event event) {
    call.on(event, mesh.now);
  }

  /** {@code 503 [UF] "body" details}. */
  String answered() {
    if (waitsForEver) {
      return "waits for ever";
    }
    ResponseHead head = answer;
    return (head == null ? "nothing" : String.valueOf(head.status()))
        + " ["
        + outcome().flags()
        + "]"
        + (body.isEmpty() ? "" : " \"" + body + "\"")
        + " "
        + outcome().details();
  }

  /** Name and value of each, sorted; what is made of chance is masked. */
  static String fields(Headers headers) {
    TreeMap<String, List<String>> sorted = new TreeMap<>();
    for (int i = 0; i < headers.size(); i++) {
      String value = headers.value(i);
      boolean chance = headers.name(i).equals("x-request-id") && value.length() == 36;
      sorted
          .computeIfAbsent(headers.name(i), name -> new ArrayList<>())
          .add(chance ? "(uuid)" : value);
    }
    List<String> lines = new ArrayList<>();
    sorted.forEach((name, values) -> values.forEach(value -> lines.add(name + ": " + value)));
    return String.join("\n", lines);
  }
}
