package io.inmesh.driver;

import io.inmesh.call.Call;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.call.Waker;
import io.inmesh.http.ResponseHead;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Drives one outbound call on the caller's thread. Attempts block that thread; only hedged ones and
 * mirrors go to workers. {@link #wake} and {@link #cancel} may come from any thread, everything
 * else belongs to the one that called {@link #run}.
 */
public final class BlockingDriver implements Waker {
  private final DriverEnvironment env;
  private final BlockingTransport transport;
  private final Watchdog watchdog;
  private @Nullable Map<Integer, Exchange> background;
  private volatile @Nullable Queue<Event> arrived;
  private volatile @Nullable Thread parked;

  /** Set by every wake, so that one between a poll and the parking is not lost. */
  private volatile boolean woken;

  private volatile @Nullable Exchange current;
  private volatile boolean cancelled;
  private boolean told;
  private int currentAttempt;

  public BlockingDriver(DriverEnvironment env, BlockingTransport transport) {
    this.env = env;
    this.transport = transport;
    this.watchdog = new Watchdog(env);
  }

  /** Until the call has responded, replied or given up. */
  public BlockingResult run(Call call) throws IOException {
    try {
      return drive(call);
    } catch (RuntimeException | Error e) {
      // thrown by the adapter, or by the application's body: whatever it is, the call is over
      call.on(new Event.CallerGone(), now());
      finish(call);
      throw e;
    }
  }

  private BlockingResult drive(Call call) throws IOException {
    while (true) {
      woken = false;
      if (cancelled && !told) {
        told = true;
        call.on(new Event.CallerGone(), now());
      }
      Queue<Event> events = arrived;
      for (Event event; events != null && (event = events.poll()) != null; ) {
        call.on(event, now());
      }
      Command command = call.poll(now());
      if (command == null) {
        await(call);
      } else if (command instanceof Command.Start start) {
        start(call, start);
      } else if (command instanceof Command.Mirror mirror) {
        Exchange exchange = transport.mirror(mirror);
        inBackground(mirror.attempt(), exchange, true);
      } else if (command instanceof Command.Cancel cancel) {
        drop(cancel.attempt());
      } else if (command instanceof Command.Respond respond) {
        Exchange exchange = remove(respond.attempt());
        if (exchange == null) {
          throw new IllegalStateException("responded with unknown attempt " + respond.attempt());
        }
        current = exchange;
        if (cancelled) {
          // the canceller may have looked while no exchange was current
          exchange.cancel();
        }
        Relay relay = new Relay(env, call, exchange, watchdog, this);
        if (respond.end()) {
          relay.finish();
        } else {
          relay.arm();
        }
        return new BlockingResult.Relayed(exchange, respond.head(), relay);
      } else if (command instanceof Command.Reply reply) {
        finish(call);
        return new BlockingResult.Replied(reply.head(), reply.body(), reply.trailers());
      } else if (command instanceof Command.Abort abort) {
        finish(call);
        throw new IOException(abort.why());
      } else if (command instanceof Command.Done) {
        throw new IOException(cancelled ? "Canceled" : "the call ended without an answer");
      } else {
        throw new IllegalStateException("not for an outbound call: " + command);
      }
    }
  }

  /**
   * The caller gives up; the blocked thread returns with an IOException soon. Any thread,
   * idempotent.
   */
  public void cancel() {
    cancelled = true;
    Exchange exchange = current;
    if (exchange != null) {
      exchange.cancel();
    }
    wake();
  }

  boolean cancelled() {
    return cancelled;
  }

  @Override
  public void wake() {
    woken = true;
    Thread thread = parked;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  private void start(Call call, Command.Start start) {
    Exchange exchange = transport.open(start);
    if (start.background()) {
      inBackground(start.attempt(), exchange, false);
      return;
    }
    current = exchange;
    currentAttempt = start.attempt();
    watchdog.reset();
    watchdog.arm(call.deadlineNanos(), exchange);
    Event event;
    try {
      if (cancelled) {
        exchange.cancel();
      }
      event = head(start.attempt(), exchange, new Foreground(call, start.attempt(), exchange));
    } finally {
      watchdog.disarm();
    }
    boolean timeIsUp = watchdog.fired() && call.deadlineNanos() <= now();
    if (!timeIsUp && !(cancelled && event instanceof Event.Failed)) {
      call.on(event, now());
    }
    // else: the failure is our own doing; the call finds its deadline passed, or is told of the
    // caller
  }

  private static Event head(int attempt, Exchange exchange, Sending sending) {
    try {
      ResponseHead head = exchange.execute(sending);
      return new Event.Head(attempt, head, exchange.complete());
    } catch (AttemptFailure e) {
      return new Event.Failed(attempt, e.kind(), e.detail());
    }
  }

  private void inBackground(int attempt, Exchange exchange, boolean discard) {
    Queue<Event> events = arrived;
    if (events == null) {
      events = new ConcurrentLinkedQueue<>();
      arrived = events;
    }
    if (background == null) {
      background = new HashMap<>();
    }
    background.put(attempt, exchange);
    Queue<Event> to = events;
    try {
      env.workers().execute(() -> work(attempt, exchange, discard, to));
    } catch (RejectedExecutionException e) {
      to.add(new Event.Failed(attempt, ResetKind.LOCAL_RESET, "the mesh is shutting down"));
    }
  }

  private void work(int attempt, Exchange exchange, boolean discard, Queue<Event> to) {
    // whatever is thrown, the driver waits for an event
    Event event = new Event.Failed(attempt, ResetKind.LOCAL_RESET, "the adapter failed");
    try {
      event = head(attempt, exchange, new Background(attempt, to));
      if (discard) {
        exchange.discard();
        event = new Event.End(attempt, null);
      }
    } catch (RuntimeException e) {
      event = new Event.Failed(attempt, ResetKind.LOCAL_RESET, e.toString());
    } finally {
      to.add(event);
      wake();
    }
  }

  /** Only one that runs on another thread needs to be broken off; ours has returned. */
  private void drop(int attempt) {
    boolean elsewhere = background != null && background.containsKey(attempt);
    Exchange exchange = remove(attempt);
    if (exchange != null) {
      if (elsewhere) {
        exchange.cancel();
      }
      exchange.discard();
    }
  }

  private @Nullable Exchange remove(int attempt) {
    Exchange exchange = background == null ? null : background.remove(attempt);
    if (exchange == null && attempt == currentAttempt) {
      exchange = current;
      current = null;
    }
    return exchange;
  }

  private void finish(Call call) {
    for (Command rest; (rest = call.poll(now())) != null && !(rest instanceof Command.Done); ) {
      if (rest instanceof Command.Cancel cancel) {
        drop(cancel.attempt());
      }
    }
  }

  private void await(Call call) throws IOException {
    parked = Thread.currentThread();
    try {
      Queue<Event> events = arrived;
      boolean something = woken || (events != null && !events.isEmpty()) || (cancelled && !told);
      long deadline = call.deadlineNanos();
      if (!something) {
        if (deadline == Long.MAX_VALUE) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, deadline - now());
        }
      }
    } finally {
      parked = null;
    }
    if (Thread.interrupted()) {
      Thread.currentThread().interrupt();
      call.on(new Event.CallerGone(), now());
      told = true;
      finish(call);
      throw new InterruptedIOException("interrupted while the mesh waited (back-off or a filter)");
    }
  }

  private long now() {
    return env.nanos().getAsLong();
  }

  /** On the driver's own thread: the call may be told at once, and may state a new deadline. */
  private final class Foreground implements Sending {
    private final Call call;
    private final int attempt;
    private final Exchange exchange;

    Foreground(Call call, int attempt, Exchange exchange) {
      this.call = call;
      this.attempt = attempt;
      this.exchange = exchange;
    }

    @Override
    public void connected() {
      tell(Event.Connected.of(attempt));
    }

    @Override
    public void sent() {
      tell(Event.RequestSent.of(attempt));
    }

    private void tell(Event event) {
      long before = call.deadlineNanos();
      call.on(event, now());
      long after = call.deadlineNanos();
      if (after != before && !watchdog.fired()) {
        watchdog.arm(after, exchange);
      }
    }
  }

  private final class Background implements Sending {
    private final int attempt;
    private final Queue<Event> to;

    Background(int attempt, Queue<Event> to) {
      this.attempt = attempt;
      this.to = to;
    }

    @Override
    public void connected() {
      to.add(Event.Connected.of(attempt));
      wake();
    }

    @Override
    public void sent() {
      to.add(Event.RequestSent.of(attempt));
      wake();
    }
  }
}
