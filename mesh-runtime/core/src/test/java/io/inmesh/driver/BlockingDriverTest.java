package io.inmesh.driver;

import static io.inmesh.driver.ScriptedCall.response;
import static io.inmesh.driver.ScriptedCall.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.http.ResponseHead;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thread of the application, blocked in a call: what wakes it, and what it comes back with. */
@Timeout(20)
class BlockingDriverTest {
  private final DriverEnvironment env = DriverEnvironment.create();
  private final Deque<Exchange> exchanges = new ArrayDeque<>();
  private final ScriptedCall call = new ScriptedCall();
  private final BlockingDriver driver =
      new BlockingDriver(
          env,
          new BlockingTransport() {
            @Override
            public Exchange open(Command.Start start) {
              return exchanges.remove();
            }

            @Override
            public Exchange mirror(Command.Mirror mirror) {
              return exchanges.remove();
            }
          });

  @AfterEach
  void close() {
    env.close();
  }

  private CompletableFuture<BlockingResult> inBackground() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return driver.run(call);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        },
        task -> new Thread(task).start());
  }

  private FakeExchange add(FakeExchange exchange) {
    exchanges.add(exchange);
    return exchange;
  }

  private static Command.Reply reply(int status) {
    return new Command.Reply(response(status), "", null);
  }

  @Test
  void anAttemptRunsOnTheCallersOwnThread() throws Exception {
    FakeExchange exchange = add(new FakeExchange(false));
    call.give(start(1, false));
    call.answer = e -> call.give(new Command.Respond(1, ((Event.Head) e).head(), false));
    BlockingResult result = driver.run(call);
    assertThat(result).isInstanceOf(BlockingResult.Relayed.class);
    assertThat(exchange.on).isSameAs(Thread.currentThread());
    assertThat(exchange.cancels).hasValue(0);
  }

  @Test
  void howFarSendingGotIsToldBeforeTheHead() throws Exception {
    add(
        new FakeExchange(false) {
          @Override
          ResponseHead answer(Sending sending) {
            sending.connected();
            sending.sent();
            return response(200);
          }
        });
    call.give(start(1, false));
    call.answer =
        e -> {
          if (e instanceof Event.Head h) {
            call.give(new Command.Respond(1, h.head(), false));
          }
        };
    driver.run(call);
    assertThat(call.events)
        .extracting(e -> e.getClass().getSimpleName())
        .containsExactly("Connected", "RequestSent", "Head");
  }

  @Test
  void aDeadlineStatedWhileTheThreadBlocksIsKept() throws Exception {
    FakeExchange exchange =
        add(
            new FakeExchange(false) {
              @Override
              ResponseHead answer(Sending sending) throws AttemptFailure {
                sending.sent();
                while (cancels.get() == 0) {
                  Thread.onSpinWait();
                }
                throw new AttemptFailure(ResetKind.LOCAL_RESET, "cancelled", null);
              }
            });
    call.give(start(1, false));
    call.answer = e -> call.deadline = System.nanoTime() + 10_000_000;
    call.timeUp = () -> call.give(new Command.Cancel(1, "time"), reply(504));
    assertThat(((BlockingResult.Replied) driver.run(call)).head().status()).isEqualTo(504);
    assertThat(exchange.discards).hasValue(1);
    assertThat(call.events)
        .as("the failure is the driver's own doing")
        .extracting(e -> e.getClass().getSimpleName())
        .containsExactly("RequestSent");
  }

  @Test
  void aWakeBetweenPollAndParkIsNotLost() throws Exception {
    call.idle =
        () -> {
          call.idle = () -> {};
          call.commands.add(reply(403));
          driver.wake();
        };
    assertThat(((BlockingResult.Replied) driver.run(call)).head().status()).isEqualTo(403);
  }

  @Test
  void aParkedThreadIsWokenByACancel() throws Exception {
    CompletableFuture<Void> waiting = new CompletableFuture<>();
    call.idle = () -> waiting.complete(null);
    call.answer = e -> call.done();
    CompletableFuture<BlockingResult> result = inBackground();
    waiting.get();
    driver.cancel();
    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS)).rootCause().hasMessage("Canceled");
    assertThat(call.events).containsExactly(new Event.CallerGone());
  }

  @Test
  void cancelFromAnotherThreadBreaksABlockedAttemptOff() throws Exception {
    FakeExchange exchange = add(new FakeExchange(true));
    call.give(start(1, false));
    call.answer =
        e -> {
          call.give(new Command.Cancel(1, "the caller is gone"));
          call.done();
        };
    CompletableFuture<BlockingResult> result = inBackground();
    exchange.executing.await();
    driver.cancel();
    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS)).rootCause().hasMessage("Canceled");
    assertThat(call.events).containsExactly(new Event.CallerGone());
    assertThat(exchange.discards).hasValue(1);
  }

  @Test
  void anInterruptDuringABackOffEndsTheCall() throws Exception {
    call.answer = e -> call.done();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> driver.run(call)).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).as("the flag stays set").isTrue();
    assertThat(call.events).containsExactly(new Event.CallerGone());
  }

  @Test
  void ofTwoAttemptsInTheBackgroundTheSlowOneIsBrokenOff() throws Exception {
    FakeExchange slow = add(new FakeExchange(true));
    FakeExchange quick = add(new FakeExchange(false));
    call.give(start(1, true), start(2, true));
    call.answer =
        e -> {
          if (e instanceof Event.Head h && h.attempt() == 2) {
            call.give(new Command.Cancel(1, "another"), new Command.Respond(2, h.head(), false));
          }
        };
    BlockingResult.Relayed relayed = (BlockingResult.Relayed) driver.run(call);
    assertThat(relayed.exchange()).isSameAs(quick);
    assertThat(quick.on).isNotSameAs(Thread.currentThread());
    assertThat(slow.cancels).hasValue(1);
    assertThat(slow.discards).hasValue(1);
  }

  @Test
  void aDriverDoesNotHangWhenAnAdapterBreaksOnAWorker() throws Exception {
    add(
        new FakeExchange(false) {
          @Override
          ResponseHead answer(Sending sending) {
            throw new IllegalStateException("a bug");
          }
        });
    call.give(start(1, true));
    call.answer = e -> call.give(reply(503));
    driver.run(call);
    assertThat(call.events)
        .containsExactly(
            new Event.Failed(1, ResetKind.LOCAL_RESET, "java.lang.IllegalStateException: a bug"));
  }

  @Test
  void aMeshThatIsShuttingDownFailsTheAttemptInsteadOfTheThread() throws Exception {
    DriverEnvironment closing =
        new DriverEnvironment(
            System::nanoTime,
            env.timer(),
            task -> {
              throw new RejectedExecutionException();
            });
    BlockingDriver late =
        new BlockingDriver(
            closing,
            new BlockingTransport() {
              @Override
              public Exchange open(Command.Start start) {
                return new FakeExchange(false);
              }

              @Override
              public Exchange mirror(Command.Mirror mirror) {
                return new FakeExchange(false);
              }
            });
    call.give(start(1, true));
    call.answer = e -> call.give(reply(503));
    assertThat(late.run(call)).isInstanceOf(BlockingResult.Replied.class);
  }

  @Test
  void anExceptionOfTheApplicationsBodyEndsTheCallAndReachesTheApplication() {
    add(
        new FakeExchange(false) {
          @Override
          ResponseHead answer(Sending sending) {
            throw new IllegalArgumentException("the body cannot be written");
          }
        });
    call.give(start(1, false));
    call.answer =
        e -> {
          call.give(new Command.Cancel(1, "the caller is gone"));
          call.done();
        };
    assertThatThrownBy(() -> driver.run(call))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the body cannot be written");
    assertThat(call.events).isEqualTo(List.of(new Event.CallerGone()));
    assertThat(call.commands).isEmpty();
  }

  @Test
  void aBodyThatBreaksAfterTheDeadlineIsATimeout() throws Exception {
    FakeExchange exchange = add(new FakeExchange(false));
    call.give(start(1, false));
    call.answer = e -> call.give(new Command.Respond(1, ((Event.Head) e).head(), false));
    Relay relay = ((BlockingResult.Relayed) driver.run(call)).relay();
    call.events.clear();
    call.deadline = System.nanoTime() - 1;
    call.timeUp =
        () -> {
          call.give(new Command.Cancel(1, "time"), new Command.Abort("upstream request timeout"));
          call.done();
        };
    IOException told =
        relay.failed(1, new AttemptFailure(ResetKind.LOCAL_RESET, "stream closed", null));
    assertThat(told).hasMessage("upstream request timeout");
    assertThat(call.events).isEmpty();
    assertThat(exchange.cancels).hasValueLessThanOrEqualTo(1);
  }
}
