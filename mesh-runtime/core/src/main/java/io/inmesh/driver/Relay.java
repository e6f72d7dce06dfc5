package io.inmesh.driver;

import io.inmesh.call.Call;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.http.Headers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The body phase of a blocking call: the adapter wraps the body it hands out and tells here how
 * reading goes. One thread at a time.
 */
public final class Relay {
  private final DriverEnvironment env;
  private final Call call;
  private final Exchange exchange;
  private final Watchdog watchdog;
  private final BlockingDriver driver;
  private boolean over;

  Relay(
      DriverEnvironment env,
      Call call,
      Exchange exchange,
      Watchdog watchdog,
      BlockingDriver driver) {
    this.env = env;
    this.call = call;
    this.exchange = exchange;
    this.watchdog = watchdog;
    this.driver = driver;
  }

  /** Which call this is the body of: how it ended is known when the body is over. */
  public Call call() {
    return call;
  }

  void arm() {
    watchdog.reset();
    watchdog.arm(call.deadlineNanos(), exchange);
  }

  /** Some bytes were read. Costs nothing where no time-out is configured. */
  public void progress(int attempt) {
    long before = call.deadlineNanos();
    if (!over && before != Long.MAX_VALUE) {
      call.on(Event.Progress.of(attempt), env.nanos().getAsLong());
      long after = call.deadlineNanos();
      if (after != before && !watchdog.fired()) {
        watchdog.arm(after, exchange);
      }
    }
  }

  /** The body was read to its end. @return trailers as the caller shall see them */
  public @Nullable Headers end(int attempt, @Nullable Headers trailers) {
    if (over) {
      return trailers;
    }
    call.on(new Event.End(attempt, trailers), env.nanos().getAsLong());
    Headers edited = trailers;
    for (Command command; (command = call.poll(env.nanos().getAsLong())) != null; ) {
      if (command instanceof Command.Trailers t) {
        edited = t.trailers();
      } else if (command instanceof Command.Done) {
        break;
      }
    }
    finish();
    return edited;
  }

  /** Reading failed. @return what the caller shall be told */
  public IOException failed(int attempt, AttemptFailure failure) {
    if (over) {
      return failure;
    }
    String why = null;
    if (call.deadlineNanos() > env.nanos().getAsLong()) {
      Event event =
          driver.cancelled()
              ? new Event.CallerGone()
              : new Event.Failed(attempt, failure.kind(), failure.detail());
      call.on(event, env.nanos().getAsLong());
    }
    for (Command command; (command = call.poll(env.nanos().getAsLong())) != null; ) {
      if (command instanceof Command.Abort abort) {
        why = abort.why();
      } else if (command instanceof Command.Done) {
        break;
      }
    }
    finish();
    return why == null ? failure : new IOException(why, failure);
  }

  /** The caller closes the body, read or not. Idempotent. */
  public void close() {
    if (!over) {
      call.on(new Event.CallerGone(), env.nanos().getAsLong());
      finish();
    }
  }

  void finish() {
    over = true;
    watchdog.disarm();
    Command command;
    do {
      command = call.poll(env.nanos().getAsLong());
    } while (command != null && !(command instanceof Command.Done));
  }
}
