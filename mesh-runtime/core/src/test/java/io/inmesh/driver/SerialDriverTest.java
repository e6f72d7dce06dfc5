package io.inmesh.driver;

import static io.inmesh.driver.ScriptedCall.response;
import static io.inmesh.driver.ScriptedCall.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A call on an event loop, with the loop and the clock in the test's hand. */
class SerialDriverTest {
  private final ManualTimer time = new ManualTimer();
  private final DriverEnvironment env = new DriverEnvironment(time::nanos, time, Runnable::run);
  private final Deque<Runnable> loop = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();
  private final ScriptedCall call = new ScriptedCall();
  private Runnable onStart = () -> {};
  private Runnable onReply = () -> {};
  private final SerialDriver driver =
      new SerialDriver(
          env,
          loop::add,
          new SerialTransport() {
            @Override
            public void start(Command.Start start) {
              done.add("start " + start.attempt());
              onStart.run();
            }

            @Override
            public void cancel(int attempt, String why) {
              done.add("cancel " + attempt);
            }

            @Override
            public void dispatch(RequestHead head) {
              done.add("dispatch");
            }

            @Override
            public void respond(int attempt, ResponseHead head, boolean end) {
              done.add("respond " + attempt);
            }

            @Override
            public void trailers(Headers trailers) {
              done.add("trailers");
            }

            @Override
            public void reply(ResponseHead head, String body, @Nullable Headers trailers) {
              done.add("reply " + head.status());
              onReply.run();
            }

            @Override
            public void abort(String why) {
              done.add("abort");
            }

            @Override
            public void done() {
              done.add("done");
            }
          });

  private void runLoop() {
    for (Runnable task; (task = loop.poll()) != null; ) {
      task.run();
    }
  }

  private static Command.Reply reply(int status) {
    return new Command.Reply(response(status), "", null);
  }

  @Test
  void commandsAreCarriedOutInOrderEvenIfTheTransportReportsFromWithinOne() {
    onStart = () -> driver.event(new Event.Failed(1, ResetKind.CONNECT_FAILURE, "refused"));
    call.answer = e -> call.give(reply(503));
    call.give(start(1, false), new Command.Cancel(9, "x"));
    driver.start(call);
    assertThat(done).containsExactly("start 1", "cancel 9", "reply 503");
  }

  @Test
  void wakesFromAnyThreadBecomeOneTaskOfTheLoop() {
    driver.start(call);
    driver.wake();
    driver.wake();
    assertThat(loop).hasSize(1);
    call.give(start(1, false));
    assertThat(done).isEmpty();
    runLoop();
    assertThat(done).containsExactly("start 1");
    driver.wake();
    assertThat(loop).as("and the next wake is not lost").hasSize(1);
  }

  @Test
  void theDeadlineRunsTheCallOnTheLoop() {
    call.deadline = time.nanos() + 100;
    call.timeUp = () -> call.give(reply(504));
    driver.start(call);
    time.advance(99);
    assertThat(loop).isEmpty();
    time.advance(1);
    assertThat(done).as("not on the timer's thread").isEmpty();
    runLoop();
    assertThat(done).containsExactly("reply 504");
  }

  @Test
  void aDeadlineThatMovesOnWithEachByteCostsOneTimer() {
    call.deadline = time.nanos() + 100;
    call.timeUp = () -> call.give(reply(504));
    driver.start(call);
    for (int i = 0; i < 50; i++) {
      time.advance(1);
      call.deadline = time.nanos() + 100;
      driver.event(new Event.Progress(1));
    }
    assertThat(time.scheduled).isEqualTo(1);
    time.advance(50);
    runLoop();
    assertThat(done).as("the old deadline is no longer the call's").isEmpty();
    time.advance(50);
    runLoop();
    assertThat(done).containsExactly("reply 504");
  }

  @Test
  void anEarlierDeadlineReplacesALaterOne() {
    call.deadline = time.nanos() + 1000;
    driver.start(call);
    call.deadline = time.nanos() + 10;
    call.timeUp = () -> call.give(reply(504));
    driver.event(new Event.RequestSent(1));
    time.advance(10);
    runLoop();
    assertThat(done).containsExactly("reply 504");
  }

  @Test
  void afterTheEndNothingReachesTheCallAndNoTimerIsLeft() {
    call.deadline = time.nanos() + 100;
    driver.start(call);
    call.deadline = time.nanos() + 100;
    call.answer = e -> call.done();
    driver.event(new Event.CallerGone());
    assertThat(done).containsExactly("done");
    assertThat(driver.over()).isTrue();
    assertThat(time.pending()).isZero();
    driver.event(new Event.Progress(1));
    driver.wake();
    runLoop();
    assertThat(call.events).containsExactly(new Event.CallerGone());
  }

  @Test
  void anAttemptThatTheTransportCannotStartHasFailed() {
    onStart =
        () -> {
          throw new IllegalStateException("no such address");
        };
    call.answer = e -> call.give(reply(503));
    call.give(start(1, false));
    driver.start(call);
    assertThat(call.events)
        .containsExactly(
            new Event.Failed(
                1, ResetKind.LOCAL_RESET, "java.lang.IllegalStateException: no such address"));
    assertThat(done).containsExactly("start 1", "reply 503");
  }

  @Test
  void aCallWhoseCallerCannotBeAnsweredStillEnds() {
    onReply =
        () -> {
          throw new IllegalStateException("the channel is closed");
        };
    call.give(reply(403));
    call.answer = e -> call.done();
    assertThatThrownBy(() -> driver.start(call)).hasMessage("the channel is closed");
    assertThat(call.events).containsExactly(new Event.CallerGone());
    assertThat(driver.over()).isTrue();
  }
}
