package io.inmesh.call;

import static io.inmesh.call.CallHarness.MS;
import static io.inmesh.call.CallHarness.forward;
import static io.inmesh.call.CallHarness.get;
import static io.inmesh.call.CallHarness.response;
import static io.inmesh.call.CallHarness.retry;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.RetryOn;
import io.inmesh.filter.FilterStatus;
import io.inmesh.filter.LocalReply;
import io.inmesh.filter.Pause;
import io.inmesh.http.ResponseFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Filters that wait for an answer from elsewhere, or for time to pass. */
class FilterPauseTest {
  private final CallHarness mesh = new CallHarness();
  private final List<String> log = new ArrayList<>();
  private final AtomicReference<Pause> pause = new AtomicReference<>();

  private ScriptedFilter asking(String name, AtomicReference<Pause> ticket) {
    return new ScriptedFilter(
        name,
        log,
        call -> {
          ticket.set(call.pause());
          return FilterStatus.PAUSE;
        });
  }

  private static void elsewhere(Runnable answer) throws InterruptedException {
    Thread thread = new Thread(answer);
    thread.start();
    thread.join();
  }

  private Driven outbound() {
    return mesh.outbound(get(), BodyTraits.NONE);
  }

  @Test
  void anAnswerFromAnotherThreadWakesTheDriverAndTheRequestGoesOn() throws Exception {
    mesh.scripted.add(asking("authz", pause));
    mesh.scripted.add(ScriptedFilter.passing("next", log));
    Driven call = outbound();
    call.quiet();
    assertThat(call.call.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
    elsewhere(() -> pause.get().resume());
    assertThat(mesh.wakes).hasValue(1);
    assertThat(log).containsExactly("authz request");
    call.woken().next(Command.Start.class);
    call.on(new Event.Head(1, response(200), true)).next(Command.Respond.class);
    call.finished();
    assertThat(log)
        .containsExactly(
            "authz request",
            "next request",
            "next response",
            "authz response",
            "next end",
            "authz end");
  }

  @Test
  void anAnswerFromAnotherThreadMayRefuse() throws Exception {
    mesh.scripted.add(asking("authz", pause));
    mesh.scripted.add(ScriptedFilter.passing("next", log));
    Driven call = outbound();
    elsewhere(() -> pause.get().resumeWith(LocalReply.of(401, "who?", "ext_authz_denied")));
    call.woken();
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(401);
    call.finished();
    // the filter behind it sees the answer, as Envoy's encoders do
    assertThat(log)
        .containsExactly(
            "authz request", "next response", "authz response", "next end", "authz end");
  }

  @Test
  void aSecondAnswerOfOneFilterDoesNotLetTheRequestPassTheNext() {
    AtomicReference<Pause> second = new AtomicReference<>();
    mesh.scripted.add(asking("first", pause));
    mesh.scripted.add(asking("authz", second));
    Driven call = outbound();
    pause.get().resume();
    call.woken().quiet();
    pause.get().resume();
    call.woken().quiet();
    assertThat(log).containsExactly("first request", "authz request");
    second.get().resumeWith(LocalReply.of(403, "no", "denied"));
    second.get().resume();
    call.woken();
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(403);
    call.finished();
  }

  @Test
  void anAnswerAfterItsTimeIsUpDoesNotLetTheRequestPassTheNext() {
    AtomicReference<Pause> second = new AtomicReference<>();
    mesh.scripted.add(
        new ScriptedFilter(
            "fail open after 50 ms",
            log,
            call -> {
              pause.set(call.pause());
              call.resumeAfter(50 * MS);
              return FilterStatus.PAUSE;
            }));
    mesh.scripted.add(asking("authz", second));
    Driven call = outbound();
    call.toDeadline().quiet();
    pause.get().resume();
    call.woken().later(1000 * MS).quiet();
    assertThat(call.call.deadlineNanos()).as("the old limit is gone").isEqualTo(Long.MAX_VALUE);
    second.get().resume();
    call.woken().next(Command.Start.class);
  }

  @Test
  void aDelayIsServedByTheCallsOwnDeadline() {
    mesh.scripted.add(
        new ScriptedFilter(
            "fault",
            log,
            call -> {
              call.flag(ResponseFlag.DELAY_INJECTED);
              call.resumeAfter(300 * MS);
              return FilterStatus.PAUSE;
            }));
    Driven call = outbound();
    assertThat(call.call.deadlineNanos()).isEqualTo(mesh.now + 300 * MS);
    call.later(299 * MS).quiet();
    call.later(MS).next(Command.Start.class);
    call.on(new Event.Head(1, response(200), true)).next(Command.Respond.class);
    call.finished();
    assertThat(call.call.outcome().flags().toString()).isEqualTo("DI");
  }

  @Test
  void anAnswerThatIsThereAlreadyCostsNoWait() {
    mesh.scripted.add(
        new ScriptedFilter(
            "cached",
            log,
            call -> {
              call.pause().resume();
              return FilterStatus.PAUSE;
            }));
    outbound().next(Command.Start.class);
  }

  @Test
  void aCallerWhoLeavesDuringAPauseEndsItAndTheAnswerComesTooLate() throws Exception {
    mesh.scripted.add(asking("authz", pause));
    Driven call = outbound();
    call.on(new Event.CallerGone()).finished();
    elsewhere(() -> pause.get().resume());
    call.woken().quiet();
    assertThat(log).containsExactly("authz request", "authz end");
  }

  @Test
  void aFilterThatBreaksHasNotLetTheRequestThrough() {
    mesh.scripted.add(
        new ScriptedFilter(
            "jwt",
            log,
            call -> {
              throw new IllegalArgumentException("bad key");
            }));
    Driven call = outbound();
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(500);
    call.finished();
    assertThat(call.call.outcome().details()).isEqualTo("inmesh_filter_failed{jwt}");
    assertThat(call.call.outcome().failure()).contains("bad key");
    assertThat(log).containsExactly("jwt request", "jwt response", "jwt end");
  }

  @Test
  void aPauseThatNothingEndsIsRefusedInsteadOfHanging() {
    mesh.scripted.add(new ScriptedFilter("odd", log, call -> FilterStatus.PAUSE));
    Driven call = outbound();
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(500);
    call.finished();
  }

  @Test
  void aReplyStandsWhateverTheFilterReturns() {
    mesh.scripted.add(
        new ScriptedFilter(
            "confused",
            log,
            call -> {
              call.reply(LocalReply.of(403, "no", "denied"));
              call.resumeAfter(MS);
              return FilterStatus.PAUSE;
            }));
    Driven call = outbound();
    assertThat(call.next(Command.Reply.class).head().status()).isEqualTo(403);
    call.finished();
    call.later(2 * MS).quiet();
  }

  @Test
  void filtersRunOnceForACallHoweverManyAttemptsItTakes() {
    mesh.action = forward(0, retry(2, RetryOn.FIVE_XX), null, List.of());
    mesh.scripted.add(ScriptedFilter.passing("a", log));
    Driven call = outbound();
    call.next(Command.Start.class);
    call.on(new Event.Head(1, response(503), true)).next(Command.Cancel.class);
    call.toDeadline().next(Command.Start.class);
    call.on(new Event.Head(2, response(200), true)).next(Command.Respond.class);
    call.finished();
    assertThat(log).containsExactly("a request", "a response", "a end");
  }
}
