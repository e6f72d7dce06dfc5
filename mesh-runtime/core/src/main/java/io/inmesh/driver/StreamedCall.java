package io.inmesh.driver;

import io.inmesh.call.Call;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.call.Waker;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One outbound call of a client whose bodies are streams with back-pressure: Reactor, Vert.x. Keeps
 * the attempts and the request's body, which it takes from the application once and gives to each
 * attempt as that can take it. Methods may be called from any thread; attempts and caller are
 * called by one at a time, and must not block.
 *
 * @param <C> a chunk of a body
 */
public final class StreamedCall<C> implements SerialTransport {
  /**
   * While the fastest attempt is behind by more bytes, the application is asked for no more of its
   * body.
   */
  public static final long HIGH_WATER = 64 * 1024;

  /** Envoy's default {@code per_connection_buffer_limit_bytes}: what a retry can send again. */
  public static final long REPLAY_LIMIT = 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.client");

  /** Opens attempts on the adapter's connections; what comes of them is told to {@link #tell}. */
  public interface Opener<C> {
    Attempt start(Command.Start start, ReplayBuffer<C>.Reader body);

    /** The answer's body is thrown away, and its end told. */
    Attempt mirror(Command.Mirror mirror, ReplayBuffer<C>.Reader body);
  }

  /** One of them. */
  public interface Attempt {
    /** There may be more of the request's body. */
    void pump();

    /** Nobody wants anything of it any more. */
    void close();
  }

  /** The application's side. */
  public interface Caller {
    /** An attempt begins: the request's body is wanted. Once. */
    void begin();

    /** More of the request's body may be written; told repeatedly. */
    void writable();

    /** That attempt has responded; its body is the application's now. */
    void respond(Attempt attempt, ResponseHead head);

    /** An answer of the mesh itself. */
    void reply(ResponseHead head, String body, @Nullable Headers trailers);

    /** The body of the response that was given came to its end. */
    void end(@Nullable Headers trailers);

    /** There is no response, or it broke off. */
    void failed(IOException why);
  }

  private record Open(Attempt attempt, boolean mirror) {}

  private final InlineLoop loop = new InlineLoop(this::defect);
  private final SerialDriver driver;
  private final Opener<C> opener;
  private final Caller caller;
  private final ReplayBuffer<C> body;
  private final Map<Integer, Open> open = new HashMap<>(4);
  private final Map<Integer, ReplayBuffer<C>.Reader> readers = new HashMap<>(4);
  private @Nullable Headers trailers;
  private boolean begun;
  private boolean ended;
  private boolean told;
  private boolean over;

  public StreamedCall(
      DriverEnvironment env,
      ReplayBuffer.Chunks<C> chunks,
      long replayLimit,
      Opener<C> opener,
      Caller caller) {
    this.opener = opener;
    this.caller = caller;
    this.body = new ReplayBuffer<>(chunks, replayLimit);
    this.driver = new SerialDriver(env, loop, this);
  }

  /** For the call that is to be driven. */
  public Waker waker() {
    return driver;
  }

  public void start(Call call) {
    loop.execute(() -> driver.start(call));
  }

  /** Where attempts do what must not happen at the same time as anything else of the call. */
  public void run(Runnable task) {
    loop.execute(task);
  }

  public void tell(Event event) {
    loop.execute(() -> told(event));
  }

  private void told(Event event) {
    if (event instanceof Event.End end) {
      Open mine = open.get(end.attempt());
      if (mine != null && !mine.mirror) {
        ended = true;
        trailers = end.trailers();
      }
      gone(end.attempt());
    } else if (event instanceof Event.Failed failed) {
      gone(failed.attempt());
    }
    driver.event(event);
  }

  // ---- the request's body

  /** Takes the chunk over. */
  public void write(C chunk) {
    loop.execute(
        () -> {
          if (body.write(chunk)) {
            driver.event(new Event.RetainOverflow());
          }
          pump();
        });
  }

  /** Nothing more is written. */
  public void finish() {
    loop.execute(
        () -> {
          body.end();
          pump();
        });
  }

  private void pump() {
    for (Open each : List.copyOf(open.values())) {
      each.attempt.pump();
    }
    taken();
  }

  /** Attempts tell that they have taken chunks; in {@link #run}. */
  public void taken() {
    if (!over && body.backlog() < HIGH_WATER) {
      caller.writable();
    }
  }

  // ---- the end

  /** The application wants no response, or no more of it. */
  public void cancel() {
    tell(new Event.CallerGone());
  }

  /** A defect of ours: whatever was open is closed, and the application is told. */
  private void defect(RuntimeException e) {
    LOG.atError().setCause(e).log("a call could not go on");
    if (!told) {
      told = true;
      caller.failed(new IOException("inmesh: internal error", e));
    }
    over = true;
    close();
  }

  private void gone(int attempt) {
    open.remove(attempt);
    ReplayBuffer<C>.Reader reader = readers.remove(attempt);
    if (reader != null) {
      reader.close();
    }
    if (over && open.isEmpty()) {
      body.close();
    }
  }

  private void close() {
    for (Map.Entry<Integer, Open> each : new ArrayList<>(open.entrySet())) {
      if (!each.getValue().mirror) {
        gone(each.getKey());
        each.getValue().attempt.close();
      }
    }
    if (open.isEmpty()) {
      body.close();
    }
  }

  // ---- SerialTransport

  @Override
  public void start(Command.Start start) {
    ReplayBuffer<C>.Reader reader = reader(start.attempt());
    open.put(start.attempt(), new Open(opener.start(start, reader), false));
  }

  @Override
  public void mirror(Command.Mirror mirror) {
    ReplayBuffer<C>.Reader reader = reader(mirror.attempt());
    open.put(mirror.attempt(), new Open(opener.mirror(mirror, reader), true));
  }

  private ReplayBuffer<C>.Reader reader(int attempt) {
    ReplayBuffer<C>.Reader reader = body.reader();
    readers.put(attempt, reader);
    if (!begun) {
      begun = true;
      loop.execute(caller::begin); // not from within a command: what it writes are events
    }
    return reader;
  }

  @Override
  public void cancel(int attempt, String why) {
    Open mine = open.get(attempt);
    if (mine != null) {
      gone(attempt);
      mine.attempt.close();
    }
  }

  @Override
  public void respond(int attempt, ResponseHead head, boolean end) {
    body.commit();
    Open mine = open.get(attempt);
    if (mine == null) {
      throw new IllegalStateException("responded with unknown attempt " + attempt);
    }
    caller.respond(mine.attempt, head);
  }

  @Override
  public void trailers(Headers edited) {
    trailers = edited;
  }

  @Override
  public void reply(ResponseHead head, String text, @Nullable Headers more) {
    told = true;
    caller.reply(head, text, more);
  }

  @Override
  public void abort(String why) {
    told = true;
    caller.failed(new IOException(why));
  }

  @Override
  public void done() {
    over = true;
    close();
    if (told) {
      return;
    }
    told = true;
    if (ended) {
      caller.end(trailers);
    } else {
      caller.failed(new IOException("Canceled"));
    }
  }
}
