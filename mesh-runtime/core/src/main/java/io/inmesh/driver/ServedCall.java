package io.inmesh.driver;

import io.inmesh.call.Call;
import io.inmesh.call.Event;
import io.inmesh.call.Waker;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one served request where servers give each request a thread: the call runs on whichever
 * thread brings news, and the server's thread waits only while a filter pauses the request.
 *
 * <p>{@link #admit} once, then (when the application is to run) {@link #respond} before its head is
 * written, and one of {@link #end}, {@link #failed}, {@link #gone}. Any thread; what comes after
 * the end is ignored.
 */
public final class ServedCall implements SerialTransport {
  static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");

  /** How long a server's thread waits for somebody else's late answer to be written. */
  private static final long LATE_WRITE_SECONDS = 60;

  /** Writes an answer while the application still has the request. */
  @FunctionalInterface
  public interface LateAnswer {
    /**
     * On a worker thread; may block. The application's own response must not be written any more.
     */
    void write(Answer answer);
  }

  private enum State {
    WAITING,
    DISPATCHED,
    RESPONDED,
    ANSWERED,
    LATE
  }

  private final DriverEnvironment env;
  private final LateAnswer late;
  private final InlineLoop loop = new InlineLoop(this::broken);
  private final SerialDriver driver;
  private volatile State state = State.WAITING;
  private volatile @Nullable Thread waiting;
  private volatile boolean aborted;
  private volatile boolean over;
  private @Nullable Answer answer;
  private @Nullable CountDownLatch lateWritten;

  public ServedCall(DriverEnvironment env, LateAnswer late) {
    this.env = env;
    this.late = late;
    this.driver = new SerialDriver(env, loop, this);
  }

  /** For the call that is to be driven. */
  public Waker waker() {
    return driver;
  }

  /**
   * Until the filters have decided.
   *
   * @return what to answer; null: the application is to run, with the head as the call left it
   */
  public @Nullable Answer admit(Call call) {
    loop.execute(() -> driver.start(call));
    if (state == State.WAITING) {
      waiting = Thread.currentThread();
      while (state == State.WAITING) {
        LockSupport.park(this);
      }
      waiting = null;
    }
    return state == State.DISPATCHED ? null : answer;
  }

  /**
   * Lets the call edit the application's response head; afterwards it may be written.
   *
   * @return false: the caller was answered already, nothing may be written any more
   */
  public boolean respond(ResponseHead head) {
    if (state == State.DISPATCHED) {
      loop.execute(() -> driver.event(new Event.AppHead(head)));
      if (state == State.DISPATCHED && !over) {
        waiting = Thread.currentThread();
        while (state == State.DISPATCHED && !over) {
          LockSupport.park(this);
        }
        waiting = null;
      }
    }
    if (state == State.LATE) {
      awaitLate();
    }
    return state == State.RESPONDED;
  }

  /** The application's response was written to its end. */
  public void end(@Nullable Headers trailers) {
    event(new Event.AppEnd(trailers));
  }

  /** The application gave no response, or broke it off. */
  public void failed(String detail) {
    event(new Event.AppFailed(detail));
  }

  /** The caller left. */
  public void gone() {
    event(new Event.CallerGone());
  }

  /** Whether the response that was begun must be broken off. */
  public boolean aborted() {
    return aborted;
  }

  /** Whether the mesh answered while the application had the request. */
  public boolean answeredLate() {
    return state == State.LATE;
  }

  /** What the mesh answered with, if it did. */
  public @Nullable Answer answer() {
    return state == State.ANSWERED || state == State.LATE ? answer : null;
  }

  private void event(Event event) {
    loop.execute(() -> driver.event(event));
  }

  private void awaitLate() {
    CountDownLatch latch = lateWritten;
    try {
      if (latch != null && !latch.await(LATE_WRITE_SECONDS, TimeUnit.SECONDS)) {
        LOG.atWarn().log("an answer could not be written in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A defect of ours: the request fails closed. */
  private void broken(RuntimeException defect) {
    LOG.atError().setCause(defect).log("a served request could not go on");
    if (state == State.WAITING) {
      answer = new Answer(new ResponseHead(500, new Headers()), "inmesh: internal error", null);
      to(State.ANSWERED);
    } else {
      done();
    }
  }

  private void to(State next) {
    state = next;
    wakeServer();
  }

  private void wakeServer() {
    Thread thread = waiting;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  // ---- SerialTransport, on the loop

  @Override
  public void dispatch(RequestHead head) {
    to(State.DISPATCHED);
  }

  @Override
  public void respond(int attempt, ResponseHead head, boolean end) {
    to(State.RESPONDED);
  }

  @Override
  public void reply(ResponseHead head, String body, @Nullable Headers trailers) {
    Answer reply = new Answer(head, body, trailers);
    answer = reply;
    if (state == State.WAITING) {
      to(State.ANSWERED);
      return;
    }
    CountDownLatch written = new CountDownLatch(1);
    lateWritten = written;
    to(State.LATE);
    env.workers()
        .execute(
            () -> {
              try {
                late.write(reply);
              } finally {
                written.countDown();
              }
            });
  }

  @Override
  public void trailers(Headers trailers) {
    // the same object that the adapter gave, edited in place
  }

  @Override
  public void done() {
    over = true;
    wakeServer();
  }

  @Override
  public void abort(String why) {
    aborted = true;
  }
}
