package io.inmesh.driver;

import io.inmesh.call.Call;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.call.Waker;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Drives one call on a serial executor: an event loop, a Reactor scheduler's worker, gRPC's
 * SerializingExecutor. {@link #wake} may come from any thread; {@link #start} and {@link #event}
 * are for tasks of that executor.
 */
public final class SerialDriver implements Waker {
  private static final AtomicIntegerFieldUpdater<SerialDriver> WOKEN =
      AtomicIntegerFieldUpdater.newUpdater(SerialDriver.class, "woken");

  private final DriverEnvironment env;
  private final Executor loop;
  private final SerialTransport transport;
  private @Nullable Call call;
  private @Nullable Future<?> timer;
  private long timerAt = Long.MAX_VALUE;

  /** 1: a task that looks after it is on its way. By {@link #WOKEN}. */
  private volatile int woken;

  private boolean pumping;
  private boolean over;

  public SerialDriver(DriverEnvironment env, Executor loop, SerialTransport transport) {
    this.env = env;
    this.loop = loop;
    this.transport = transport;
  }

  /** On the loop, once. */
  public void start(Call call) {
    this.call = call;
    pump();
  }

  /** On the loop. Events after the end are ignored. */
  public void event(Event event) {
    Call mine = call;
    if (mine != null && !over) {
      mine.on(event, now());
      pump();
    }
  }

  public boolean over() {
    return over;
  }

  @Override
  public void wake() {
    if (WOKEN.compareAndSet(this, 0, 1)) {
      loop.execute(
          () -> {
            woken = 0;
            pump();
          });
    }
  }

  /**
   * A transport may report an event while it carries out a command: the outer pump goes on with
   * what follows from it.
   */
  private void pump() {
    Call mine = call;
    if (mine == null || pumping || over) {
      return;
    }
    pumping = true;
    RuntimeException broken = null;
    try {
      for (Command command; !over && (command = mine.poll(now())) != null; ) {
        try {
          carryOut(command);
        } catch (RuntimeException e) {
          broken = broken(mine, command, e);
        }
      }
    } finally {
      pumping = false;
    }
    if (!over) {
      arm(mine.deadlineNanos());
    }
    if (broken != null) {
      throw broken;
    }
  }

  /**
   * An attempt that the transport cannot start has failed; when the caller cannot be answered, the
   * call must still come to its end.
   */
  private @Nullable RuntimeException broken(Call mine, Command command, RuntimeException e) {
    if (command instanceof Command.Start start) {
      mine.on(new Event.Failed(start.attempt(), ResetKind.LOCAL_RESET, e.toString()), now());
      return null;
    }
    if (command instanceof Command.Mirror mirror) {
      mine.on(new Event.End(mirror.attempt(), null), now());
      return null;
    }
    mine.on(new Event.CallerGone(), now());
    return e;
  }

  private void carryOut(Command command) {
    if (command instanceof Command.Start start) {
      transport.start(start);
    } else if (command instanceof Command.Mirror mirror) {
      transport.mirror(mirror);
    } else if (command instanceof Command.Cancel cancel) {
      transport.cancel(cancel.attempt(), cancel.why());
    } else if (command instanceof Command.Dispatch dispatch) {
      transport.dispatch(dispatch.head());
    } else if (command instanceof Command.Respond respond) {
      transport.respond(respond.attempt(), respond.head(), respond.end());
    } else if (command instanceof Command.Trailers trailers) {
      transport.trailers(trailers.trailers());
    } else if (command instanceof Command.Reply reply) {
      transport.reply(reply.head(), reply.body(), reply.trailers());
    } else if (command instanceof Command.Abort abort) {
      transport.abort(abort.why());
    } else {
      over = true;
      disarm();
      transport.done();
    }
  }

  /**
   * A timer that is due earlier stays: it looks again when it fires, so that a deadline which each
   * byte moves on costs no new timer.
   */
  private void arm(long deadline) {
    if (timerAt <= deadline) {
      return;
    }
    disarm();
    timerAt = deadline;
    Runnable fire = () -> loop.execute(() -> fired(deadline));
    timer = env.timer().schedule(fire, Math.max(0, deadline - now()), TimeUnit.NANOSECONDS);
  }

  private void fired(long at) {
    if (at == timerAt) {
      timer = null;
      timerAt = Long.MAX_VALUE;
      pump();
    }
  }

  private void disarm() {
    Future<?> armed = timer;
    if (armed != null) {
      armed.cancel(false);
      timer = null;
    }
    timerAt = Long.MAX_VALUE;
  }

  private long now() {
    return env.nanos().getAsLong();
  }
}
