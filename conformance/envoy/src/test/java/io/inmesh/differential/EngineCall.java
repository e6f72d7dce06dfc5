package io.inmesh.differential;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Outcome;
import io.inmesh.call.ResetKind;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request through the engine: plays the driver and, by the request's script, the upstreams and
 * the clock.
 */
final class EngineCall {
  private final InmeshSide side;
  private final Asked asked;
  private final Call call;
  private final List<Answer.Got> upstream = new ArrayList<>();
  private @Nullable ResponseHead head;
  private String body = "";

  private EngineCall(InmeshSide side, Asked asked, Call call) {
    this.side = side;
    this.asked = asked;
    this.call = call;
  }

  static EngineCall outbound(InmeshSide side, Asked asked) {
    BodyTraits body = asked.body() == null ? BodyTraits.NONE : BodyTraits.REPLAYABLE;
    Call call =
        side.calls.outbound(
            head(asked), body, CallContext.NONE, Capabilities.ALL, () -> {}, side.now);
    return new EngineCall(side, asked, Objects.requireNonNull(call, "left alone")).run();
  }

  /**
   * @param peer null: plaintext
   */
  static EngineCall inbound(InmeshSide side, Asked asked, Peers.@Nullable Known peer) {
    BodyTraits body = asked.body() == null ? BodyTraits.NONE : BodyTraits.ONE_SHOT;
    Connection from = from(peer);
    Call call = side.calls.inbound(head(asked), body, from, Capabilities.ALL, () -> {}, side.now);
    return new EngineCall(side, asked, call).run();
  }

  private static Connection from(Peers.@Nullable Known peer) {
    if (peer == null) {
      return Connection.plaintext("127.0.0.1", EnvoySide.OWN_PORT, "127.0.0.1", 40000);
    }
    boolean verified = !peer.hash().isEmpty();
    return new Connection(
        "127.0.0.1",
        EnvoySide.OWN_PORT,
        "127.0.0.1",
        40000,
        true,
        Peers.SNI,
        List.of(),
        peer.uris(),
        peer.dns(),
        peer.subject(),
        verified ? peer.hash() : null,
        peer.localUri(),
        verified ? 1 : 0);
  }

  /** As an adapter hands it over: names in lower case, {@code host} apart, no length. */
  private static RequestHead head(Asked asked) {
    Headers headers = new Headers();
    for (int i = 0; i < asked.headers().size(); i += 2) {
      headers.add(
          asked.headers().get(i).toLowerCase(Locale.ROOT), asked.headers().get(i + 1).strip());
    }
    headers.add(Asked.SCRIPT, asked.script());
    return new RequestHead(
        asked.method(), "http", asked.authority(), asked.path(), headers, Protocol.HTTP11);
  }

  private EngineCall run() {
    while (true) {
      Command command = call.poll(side.now);
      if (command instanceof Command.Done) {
        return this;
      }
      if (command != null) {
        carryOut(command);
      } else if (call.deadlineNanos() != Long.MAX_VALUE) {
        side.now = Math.max(side.now, call.deadlineNanos());
      } else {
        throw new IllegalStateException("the call waits for ever: " + asked);
      }
    }
  }

  private void carryOut(Command command) {
    if (command instanceof Command.Start start) {
      String cluster = call.outcome().cluster();
      int before = note(cluster, start.head());
      if (asked.body() != null && !cluster.equals("refused")) {
        call.requestBytes(asked.body().length());
        call.on(new Event.RequestSent(start.attempt()), side.now);
      }
      answer(cluster, start.attempt(), Script.word(asked.script(), before));
    } else if (command instanceof Command.Mirror mirror) {
      note("shadow", mirror.head());
      call.on(new Event.Head(mirror.attempt(), scripted("200"), true), side.now);
    } else if (command instanceof Command.Dispatch dispatch) {
      note(call.outcome().cluster(), dispatch.head());
      String word = Script.word(asked.script(), 0);
      if (word.equals("drop")) {
        call.on(new Event.AppFailed("closed"), side.now);
      } else if (!word.equals("hang")) {
        call.on(new Event.AppHead(scripted(word)), side.now);
        body = Script.bodiless(asked.method(), Script.status(word)) ? "" : Script.BODY;
        call.on(new Event.AppEnd(null), side.now);
      }
    } else if (command instanceof Command.Respond respond) {
      head = respond.head();
    } else if (command instanceof Command.Reply reply) {
      head = reply.head();
      body =
          asked.method().equals("HEAD")
              ? ""
              : new String(
                  reply.body().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
  }

  private void answer(String cluster, int attempt, String word) {
    if (!cluster.equals("refused")) {
      call.on(new Event.Connected(attempt), side.now);
    }
    if (cluster.equals("refused")) {
      call.on(new Event.Failed(attempt, ResetKind.CONNECT_FAILURE, "Connection refused"), side.now);
    } else if (word.equals("drop")) {
      call.on(new Event.Failed(attempt, ResetKind.CONNECTION_TERMINATION, "closed"), side.now);
    } else if (!word.equals("hang")) {
      boolean bodiless = Script.bodiless(asked.method(), Script.status(word));
      body = bodiless ? "" : Script.BODY;
      call.responseBytes(body.length());
      call.on(new Event.Head(attempt, scripted(word), bodiless), side.now);
      if (!bodiless) {
        call.on(new Event.End(attempt, null), side.now);
      }
    }
  }

  private static ResponseHead scripted(String word) {
    Headers headers = new Headers();
    List<String> scripted = Script.headers(word);
    for (int i = 0; i < scripted.size(); i += 2) {
      headers.add(scripted.get(i).toLowerCase(Locale.ROOT), scripted.get(i + 1));
    }
    return new ResponseHead(Script.status(word), headers);
  }

  private int note(String cluster, RequestHead sent) {
    int before = (int) upstream.stream().filter(got -> got.cluster().equals(cluster)).count();
    if (!cluster.equals("refused")) {
      upstream.add(
          Upstreams.got(
              cluster, sent.method(), sent.path(), sent.authority(), pairs(sent.headers())));
    }
    return before;
  }

  private static List<String> pairs(Headers headers) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < headers.size(); i++) {
      pairs.add(headers.name(i));
      pairs.add(headers.value(i));
    }
    return pairs;
  }

  Answer answer() {
    Outcome outcome = call.outcome();
    ResponseHead given = head;
    return new Answer(
        given == null ? 0 : given.status(),
        body,
        given == null ? List.of() : pairs(given.headers()),
        outcome.route(),
        outcome.cluster(),
        outcome.flags().toString().equals("-") ? "" : outcome.flags().toString(),
        outcome.details(),
        outcome.attempts(),
        upstream);
  }
}
