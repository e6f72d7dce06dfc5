package io.inmesh.driver;

import io.inmesh.call.Call;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Waker;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Drives one call on a serial executor: an event loop, a Reactor scheduler's worker, gRPC's
 * SerializingExecutor. {@link #wake} may come from any thread; {@link #start} and {@link #event}
 * are for tasks of that executor.
 */
public final class SerialDriver implements Waker {
  private final DriverEnvironment env;
  private final Executor loop;
  private final SerialTransport transport;
  private final AtomicBoolean woken = new AtomicBoolean();
  private @Nullable Call call;
  private @Nullable Future<?> timer;
  private long timerAt = Long.MAX_VALUE;
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
    if (woken.compareAndSet(false, true)) {
      loop.execute(
          () -> {
            woken.set(false);
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
    try {
      for (Command command; !over && (command = mine.poll(now())) != null; ) {
        carryOut(command);
      }
    } finally {
      pumping = false;
    }
    if (!over) {
      arm(mine.deadlineNanos());
    }
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

  private void arm(long deadline) {
    if (deadline == timerAt) {
      return;
    }
    disarm();
    timerAt = deadline;
    if (deadline != Long.MAX_VALUE) {
      timer = env.timer().schedule(this::wake, Math.max(0, deadline - now()), TimeUnit.NANOSECONDS);
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
