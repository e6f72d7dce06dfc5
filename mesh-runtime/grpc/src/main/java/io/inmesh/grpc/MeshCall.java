package io.inmesh.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.CurrentCall;
import io.inmesh.call.Event;
import io.inmesh.call.Outcome;
import io.inmesh.call.ResetKind;
import io.inmesh.call.Wire;
import io.inmesh.driver.DriverEnvironment;
import io.inmesh.driver.InlineLoop;
import io.inmesh.driver.SerialDriver;
import io.inmesh.driver.SerialTransport;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import io.inmesh.http.ResponseHead;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.runtime.MeshServices;
import io.inmesh.upstream.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RPC as a call of the engine. Its state belongs to {@link #loop}, which runs what is given to
 * it on the thread that brings it, one at a time; nothing there blocks. What the application is to
 * hear goes to {@link Deliveries}.
 */
final class MeshCall<Q, P> extends ClientCall<Q, P> implements SerialTransport {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.grpc");

  private final MeshTarget target;
  private final MeshServices services;
  private final MethodDescriptor<Q, P> method;
  private final CallOptions options;
  private final Channel next;
  private final Context context = Context.current();
  private final InlineLoop loop = new InlineLoop(this::defect);
  private final Deliveries out;
  private final Messages messages = new Messages();
  private final List<Attempt<P>> attempts = new ArrayList<>(1);
  private final Context.CancellationListener contextEnded =
      ended -> abandon(Limits.cancelled(ended));
  private @Nullable SerialDriver driver;
  private @Nullable Call call;
  private @Nullable Listener<P> listener;
  private @Nullable Metadata sent;
  private @Nullable Deadline deadline;
  private @Nullable String toldTimeout;
  private @Nullable Future<?> timer;
  private CallContext served = CallContext.NONE;
  private @Nullable WaitForReady waiting;
  private volatile @Nullable Attempt<P> chosen;
  private @Nullable Headers trailers;
  private int wanted;
  private boolean closed;
  private volatile boolean compression = true;
  private volatile boolean ready;

  /** Set when the mesh leaves the RPC alone; what came before waits in the list. */
  private @Nullable List<Runnable> undecided;

  private volatile @Nullable ClientCall<Q, P> outside;

  MeshCall(MeshTarget target, MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
    this.target = target;
    this.services = target.services;
    this.method = method;
    this.options = options;
    this.next = next;
    Executor executor = Objects.requireNonNull(options.getExecutor());
    this.out = new Deliveries(executor, context, this::listenerFailed);
  }

  // ---- ClientCall

  @Override
  public void start(Listener<P> to, Metadata headers) {
    listener = to;
    if (context.isCancelled()) {
      loop.execute(() -> close(Limits.cancelled(context), new Metadata()));
      return;
    }
    served = CurrentCall.context();
    DriverEnvironment env = services.drivers();
    deadline = Limits.deadline(options, context, served, env.nanos().getAsLong());
    sent = headers;
    loop.execute(this::begin);
  }

  @Override
  public void request(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("Number requested must be non-negative");
    }
    act(
        () -> {
          ClientCall<Q, P> beside = outside;
          Attempt<P> from = chosen;
          if (beside != null) {
            beside.request(count);
          } else if (from != null) {
            from.request(count);
          } else {
            wanted = (int) Math.min(Integer.MAX_VALUE, (long) wanted + count);
            attempts.forEach(each -> each.request(count));
          }
        });
  }

  @Override
  public void sendMessage(Q message) {
    boolean compressed = compression;
    act(
        () -> {
          ClientCall<Q, P> beside = outside;
          if (beside != null) {
            beside.sendMessage(message);
          } else if (!closed) {
            send(message, compressed);
          }
        });
  }

  private void send(Q message, boolean compressed) {
    Chunk chunk;
    try {
      chunk = Chunk.of(method, message, compressed);
    } catch (java.io.IOException | RuntimeException e) {
      gone(Status.CANCELLED.withCause(e).withDescription("Failed to stream message"));
      return;
    }
    if (messages.add(chunk, !attempts.isEmpty())) {
      event(new Event.RetainOverflow());
    }
    for (int i = 0; i < attempts.size(); i++) {
      attempts.get(i).send(chunk);
    }
    readiness();
  }

  @Override
  public void halfClose() {
    act(
        () -> {
          ClientCall<Q, P> beside = outside;
          if (beside != null) {
            beside.halfClose();
            return;
          }
          messages.end();
          for (Attempt<P> attempt : List.copyOf(attempts)) {
            attempt.halfClose();
          }
        });
  }

  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    String why = message == null ? "Call cancelled without message" : message;
    act(
        () -> {
          ClientCall<Q, P> beside = outside;
          if (beside != null) {
            beside.cancel(why, cause);
          } else {
            gone(Status.CANCELLED.withDescription(why).withCause(cause));
          }
        });
  }

  @Override
  public boolean isReady() {
    ClientCall<Q, P> beside = outside;
    return beside == null ? ready : beside.isReady();
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    compression = enabled;
    ClientCall<Q, P> beside = outside;
    if (beside != null) {
      beside.setMessageCompression(enabled);
    }
  }

  @Override
  public Attributes getAttributes() {
    ClientCall<Q, P> beside = outside;
    Attempt<P> from = chosen;
    if (beside != null) {
      return beside.getAttributes();
    }
    return from == null ? Attributes.EMPTY : from.attributes();
  }

  /** What the application does, in its order. */
  private void act(Runnable action) {
    loop.execute(
        () -> {
          List<Runnable> later = undecided;
          if (later != null) {
            later.add(action);
          } else {
            action.run();
          }
        });
  }

  // ---- the caller's limits

  private void begin() {
    if (closed) {
      return;
    }
    Deadline own = deadline;
    if (own != null) {
      long left = own.timeRemaining(TimeUnit.NANOSECONDS);
      if (left <= 0) {
        close(Limits.exceeded(left), new Metadata());
        return;
      }
      timer =
          services
              .drivers()
              .timer()
              .schedule(
                  () -> services.drivers().workers().execute(() -> abandon(Limits.exceeded(left))),
                  left,
                  TimeUnit.NANOSECONDS);
    }
    route();
    if (!closed && outside == null && context != Context.ROOT) {
      context.addListener(contextEnded, Runnable::run);
    }
  }

  /** From any thread. An RPC that the mesh left alone has these limits of its own. */
  private void abandon(Status status) {
    loop.execute(
        () -> {
          if (outside == null) {
            gone(status);
          }
        });
  }

  private void gone(Status status) {
    event(new Event.CallerGone());
    close(status, new Metadata());
  }

  private void listenerFailed(Throwable e) {
    loop.execute(
        () -> {
          if (closed) {
            log.atWarn().setCause(e).log("the listener of an RPC failed in onClose");
          } else {
            gone(Status.CANCELLED.withCause(e).withDescription("Failed to call the listener"));
          }
        });
  }

  /** A defect of ours: the RPC ends. */
  private void defect(RuntimeException e) {
    log.atError().setCause(e).log("an RPC could not go on");
    if (!closed) {
      gone(Status.INTERNAL.withCause(e).withDescription("inmesh: internal error"));
    }
  }

  // ---- the engine

  /** Also again, for a call that waits until there is somebody to serve it. */
  private void route() {
    RequestHead head = head();
    DriverEnvironment env = services.drivers();
    Executor workers = env.workers();
    // a timer's thread only wakes: what follows is done by a worker
    SerialDriver mine =
        new SerialDriver(env, task -> workers.execute(() -> loop.execute(task)), this);
    driver = mine;
    Call made =
        services
            .calls()
            .outbound(
                head,
                method.getType().clientSendsOneMessage() ? BodyTraits.NONE : BodyTraits.REPLAYABLE,
                served.deadlineNanos() == Long.MAX_VALUE
                    ? served
                    : new CallContext(
                        Long.MAX_VALUE, served.requestId(), served.peer(), served.traceHeaders()),
                Capabilities.ALL,
                mine,
                env.nanos().getAsLong());
    call = made;
    if (made == null) {
      passBy();
    } else {
      mine.start(made);
    }
  }

  private RequestHead head() {
    Headers headers = GrpcHeads.headers(Objects.requireNonNull(sent), 12);
    headers.set("content-type", "application/grpc");
    headers.set("te", "trailers");
    headers.set("user-agent", target.userAgent);
    Deadline own = deadline;
    if (own != null) {
      toldTimeout = Limits.header(own.timeRemaining(TimeUnit.NANOSECONDS));
      headers.set("grpc-timeout", toldTimeout);
    }
    return new RequestHead(
        "POST", "http", authority(), "/" + method.getFullMethodName(), headers, Protocol.HTTP2);
  }

  private String authority() {
    String own = options.getAuthority();
    return own == null ? Authority.of(next, target) : Authority.withPort(own, target);
  }

  void event(Event event) {
    SerialDriver mine = driver;
    if (mine != null) {
      mine.event(event);
    }
  }

  Executor loop() {
    return loop;
  }

  // ---- told by attempts, on the call's executor

  void heard(Runnable news) {
    out.after(loop, news);
  }

  void received(Attempt<P> from, P message) {
    event(new Event.Progress(from.number));
    if (from == chosen && !closed) {
      Listener<P> to = Objects.requireNonNull(listener);
      out.add(() -> to.onMessage(message));
    }
  }

  void readiness() {
    boolean open = false;
    for (int i = 0; i < attempts.size(); i++) {
      Attempt<P> attempt = attempts.get(i);
      open |=
          !attempt.mirror && attempt.ready(); // nobody waits for a shadow, or runs ahead with it
    }
    boolean before = ready;
    ready = open && !closed;
    if (ready && !before) {
      Listener<P> to = Objects.requireNonNull(listener);
      out.add(to::onReady);
    }
  }

  // ---- SerialTransport

  @Override
  public void start(Command.Start start) {
    attempt(start.attempt(), start.host(), start.wire(), start.head(), false);
  }

  @Override
  public void mirror(Command.Mirror mirror) {
    attempt(mirror.attempt(), mirror.host(), mirror.wire(), mirror.head(), true);
  }

  private void attempt(int number, Host host, Wire wire, RequestHead head, boolean mirror) {
    if (wire.protocol() != Protocol.HTTP2) {
      event(
          new Event.Failed(
              number,
              ResetKind.PROTOCOL_ERROR,
              "the cluster of "
                  + host.address()
                  + " speaks HTTP/1.1, which carries no gRPC: name the port of its service grpc"));
      return;
    }
    if (messages.lost()) {
      event(
          mirror
              ? new Event.End(number, null)
              : new Event.Failed(
                  number,
                  ResetKind.LOCAL_RESET,
                  "the beginning of the request is no longer kept: it is longer than 1 MiB"));
      return;
    }
    Line line;
    try {
      line = target.lines.enter(host, wire);
    } catch (IdentityUnavailableException e) {
      event(new Event.Failed(number, ResetKind.TLS_FAILURE, "no mTLS: " + e.getMessage()));
      return;
    }
    Context before = context == Context.ROOT ? null : context.fork().attach();
    try {
      Attempt<P> attempt =
          new Attempt<>(this, number, line, mirror, next, raw(head), attemptOptions(head));
      attempts.add(attempt);
      renewTimeout(head.headers());
      attempt.start(head, wanted);
      messages.sendTo(attempt);
    } finally {
      if (before != null) {
        Context.current().detach(before);
      }
    }
  }

  private MethodDescriptor<Chunk, P> raw(RequestHead head) {
    MethodDescriptor<Chunk, P> raw = target.raw(method);
    String path = head.path();
    String name = raw.getFullMethodName();
    return path.length() == name.length() + 1 && path.endsWith(name)
        ? raw
        : raw.toBuilder().setFullMethodName(path.substring(1)).build();
  }

  /** Deadlines are kept above, and waiting as well: an attempt knows neither. */
  private CallOptions attemptOptions(RequestHead head) {
    CallOptions own = options.withStreamTracerFactory(Attempt.TRACERS);
    if (options.getDeadline() != null) {
      own = own.withDeadline(null);
    }
    if (options.isWaitForReady()) {
      own = own.withoutWaitForReady();
    }
    return head.authority().equals(next.authority()) && options.getAuthority() == null
        ? own
        : own.withAuthority(head.authority());
  }

  /** A later attempt has less time than the first; what a route made of it stays. */
  private void renewTimeout(Headers headers) {
    Deadline own = deadline;
    if (own != null && Objects.equals(headers.first("grpc-timeout"), toldTimeout)) {
      toldTimeout = Limits.header(own.timeRemaining(TimeUnit.NANOSECONDS));
      headers.set("grpc-timeout", toldTimeout);
    }
  }

  private @Nullable Attempt<P> find(int number) {
    for (Attempt<P> attempt : attempts) {
      if (attempt.number == number) {
        return attempt;
      }
    }
    return null;
  }

  @Override
  public void cancel(int number, String why) {
    Attempt<P> attempt = find(number);
    if (attempt != null) {
      attempts.remove(attempt);
      attempt.cancel(why);
      readiness();
    }
  }

  @Override
  public void respond(int number, ResponseHead head, boolean end) {
    Attempt<P> attempt = Objects.requireNonNull(find(number));
    chosen = attempt;
    messages.commit();
    if (end) {
      trailers = head.headers();
      return;
    }
    if (!closed) {
      Listener<P> to = Objects.requireNonNull(listener);
      Metadata metadata = GrpcHeads.response(head.headers());
      out.add(() -> to.onHeaders(metadata));
    }
  }

  @Override
  public void trailers(Headers edited) {
    trailers = edited;
  }

  @Override
  public void reply(ResponseHead head, String body, @Nullable Headers more) {
    trailers = head.headers();
  }

  @Override
  public void abort(String why) {
    Attempt<P> from = chosen;
    Status said = from == null ? null : from.status();
    close(said == null ? Status.UNAVAILABLE.withDescription(why) : said, new Metadata());
  }

  @Override
  public void done() {
    for (Attempt<P> attempt : List.copyOf(attempts)) {
      attempt.cancel("the call is over");
    }
    attempts.clear();
    Headers last = trailers;
    if (last == null || closed) {
      return;
    }
    if (chosen == null && tooSlowForTheCaller()) {
      close(Limits.exceeded(0), new Metadata());
      return;
    }
    if (chosen == null && options.isWaitForReady() && waits()) {
      return;
    }
    close(status(last), GrpcHeads.response(last));
  }

  /**
   * A route may take the caller's {@code grpc-timeout} for its own time-out: which of two timers
   * for one moment is first must not decide what the caller reads.
   */
  private boolean tooSlowForTheCaller() {
    Deadline own = deadline;
    return own != null
        && Objects.requireNonNull(call).outcome().flags().has(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT)
        && own.timeRemaining(TimeUnit.MILLISECONDS) <= Limits.SAME_MOMENT_MILLIS;
  }

  private Status status(Headers last) {
    Attempt<P> from = chosen;
    Status said = from == null ? null : from.status();
    if (said != null && !last.contains("grpc-status")) {
      return said; // an answer that was no gRPC, in grpc-java's words
    }
    return GrpcHeads.status(last, said);
  }

  // ---- wait for ready

  private boolean waits() {
    Outcome outcome = Objects.requireNonNull(call).outcome();
    if (!WaitForReady.worthwhile(outcome)) {
      return false;
    }
    WaitForReady pace = waiting == null ? new WaitForReady() : waiting;
    waiting = pace;
    trailers = null;
    Executor workers = services.drivers().workers();
    Runnable again =
        () -> {
          if (!closed) {
            route();
          }
        };
    services
        .drivers()
        .timer()
        .schedule(
            () -> workers.execute(() -> loop.execute(again)),
            pace.nextMillis(),
            TimeUnit.MILLISECONDS);
    return true;
  }

  // ---- left alone

  /** As if there were no mesh. */
  private void passBy() {
    undecided = new ArrayList<>();
    target.outside(channel -> loop.execute(() -> passBy(channel)));
  }

  private void passBy(Channel channel) {
    List<Runnable> waitingActions = undecided;
    if (closed || waitingActions == null) {
      return;
    }
    undecided = null;
    if (timer != null) {
      timer.cancel(false);
    }
    context.removeListener(contextEnded); // the other call has one of its own
    Context before = context.attach();
    try {
      ClientCall<Q, P> beside = channel.newCall(method, options);
      outside = beside;
      beside.start(Objects.requireNonNull(listener), Objects.requireNonNull(sent));
    } finally {
      context.detach(before);
    }
    waitingActions.forEach(Runnable::run);
  }

  // ---- end

  private void close(Status status, Metadata last) {
    if (closed) {
      return;
    }
    closed = true;
    ready = false;
    messages.clear();
    if (timer != null) {
      timer.cancel(false);
    }
    context.removeListener(contextEnded);
    Listener<P> to = Objects.requireNonNull(listener);
    out.add(() -> to.onClose(status, last));
  }
}
