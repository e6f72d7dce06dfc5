package io.inmesh.grpc.server;

import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Event;
import io.inmesh.driver.InlineLoop;
import io.inmesh.driver.SerialDriver;
import io.inmesh.driver.SerialTransport;
import io.inmesh.http.Connection;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.MeshServices;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RPC on its way through the mesh to the application and back: what the application answers
 * passes here. Until the response head has passed, what the application does and what the mesh
 * decides meet in a loop; afterwards messages go by without it.
 */
final class ServedRpc<Q, P> extends SimpleForwardingServerCall<Q, P> implements SerialTransport {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");
  private static final int MESH_FIELDS = 6;

  private enum State {
    WAITING,
    DISPATCHED,
    RESPONDED,
    CLOSED
  }

  private final InlineLoop loop = new InlineLoop(this::broken);
  private final SerialDriver driver;
  private final MeshServices services;
  private final Drain drain;
  private final ServerCallHandler<Q, P> next;
  private final Metadata metadata;
  private final Headers before;
  private final RequestHead head;
  private final Call call;
  private volatile State state = State.WAITING;
  private volatile boolean over;

  /** The mesh has answered, or broken off, what the application still works at. */
  private volatile boolean taken;

  private final Context outside = Context.current();
  private @Nullable PausedListener<Q> paused;
  private volatile Context.@Nullable CancellableContext context;

  // of the loop: what the application wants to send
  private @Nullable Metadata pending;
  private @Nullable Status closing;

  // of the application's thread
  private boolean headersGiven;
  private boolean closeGiven;
  private boolean direct;

  ServedRpc(
      MeshServices services,
      Drain drain,
      Connection from,
      ServerCall<Q, P> call,
      Metadata metadata,
      ServerCallHandler<Q, P> next) {
    super(drain.health().around(call));
    this.services = services;
    this.drain = drain;
    this.next = next;
    this.metadata = metadata;
    this.driver = new SerialDriver(services.drivers(), loop, this);
    Headers headers = ServerHeads.headers(metadata, MESH_FIELDS);
    this.before = headers.copy();
    String timeout = CallersDeadline.header(outside);
    if (timeout != null) {
      headers.add(CallersDeadline.HEADER.name(), timeout);
    }
    String authority = call.getAuthority();
    this.head =
        new RequestHead(
            "POST",
            "http",
            authority == null ? "" : authority,
            "/" + call.getMethodDescriptor().getFullMethodName(),
            headers,
            Protocol.HTTP2);
    this.call =
        services.calls().inbound(head, BodyTraits.ONE_SHOT, from, Capabilities.ALL, driver, now());
  }

  private long now() {
    return services.drivers().nanos().getAsLong();
  }

  ServerCall.Listener<Q> begin() {
    loop.execute(() -> driver.start(call));
    switch (state) {
      case WAITING -> {
        PausedListener<Q> waiting =
            new PausedListener<>(services.drivers().workers(), this::run, () -> gone(true));
        loop.execute(() -> paused(waiting));
        return waiting;
      }
      case DISPATCHED -> {
        return run();
      }
      default -> {
        return new ServerCall.Listener<>() {};
      }
    }
  }

  /** A filter waits for somebody; it may have got its answer meanwhile. */
  private void paused(PausedListener<Q> waiting) {
    if (state == State.WAITING) {
      paused = waiting;
    } else if (state == State.DISPATCHED) {
      waiting.go();
    } else {
      waiting.drop();
    }
  }

  /** The application gets the request, as the filters left it. */
  private ServerCall.Listener<Q> run() {
    ServerHeads.apply(before, head.headers(), metadata);
    Context.CancellableContext mine =
        CallersDeadline.context(
            outside.withValue(MeshServerContext.CALL, call.context()), call.context(), now());
    context = mine;
    if (taken) {
      mine.cancel(null);
    }
    begun();
    Context outer = mine.attach();
    try {
      return new ServedListener<>(this, mine, next.startCall(this, metadata));
    } catch (RuntimeException | Error e) {
      failed(Status.fromThrowable(e));
      mine.cancel(e);
      ended();
      throw e;
    } finally {
      mine.detach(outer);
    }
  }

  private void begun() {
    if (!drain.health().is(delegate())) {
      drain.running().begin();
    }
  }

  /** The application has heard the last of the RPC. */
  void ended() {
    if (drain.health().is(delegate())) {
      drain.health().ended(delegate());
    } else {
      drain.running().end();
    }
  }

  @Override
  public String getAuthority() {
    return head.authority();
  }

  // ---- the application answers

  @Override
  public void sendHeaders(Metadata headers) {
    if (headersGiven || closeGiven) {
      throw new IllegalStateException(
          closeGiven ? "call is closed" : "sendHeaders has already been called");
    }
    headersGiven = true;
    loop.execute(() -> answer(headers, null));
    direct = state == State.RESPONDED;
  }

  @Override
  public void sendMessage(P message) {
    if (direct || !headersGiven) {
      super.sendMessage(message);
      return;
    }
    if (closeGiven) {
      throw new IllegalStateException("call is closed");
    }
    loop.execute(
        () -> {
          if (state == State.RESPONDED) {
            super.sendMessage(message);
          }
        });
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (closeGiven) {
      throw new IllegalStateException("call already closed");
    }
    closeGiven = true;
    direct = false;
    loop.execute(() -> end(status, trailers));
  }

  @Override
  public boolean isCancelled() {
    return taken || super.isCancelled();
  }

  @Override
  public boolean isReady() {
    return !taken && super.isReady();
  }

  /** The application threw; what its own close would say. */
  void failed(Status status) {
    if (!closeGiven) {
      close(status, new Metadata());
    }
  }

  // ---- in the loop

  private void answer(Metadata headers, @Nullable Status trailersOnly) {
    if (state != State.DISPATCHED) {
      return;
    }
    pending = headers;
    closing = trailersOnly;
    Headers fields = call.wantsResponse() ? whole(headers) : new Headers(MESH_FIELDS);
    if (trailersOnly != null) {
      ServerHeads.status(trailersOnly, fields);
    }
    driver.event(new Event.AppHead(new ResponseHead(200, fields)));
  }

  private static Headers whole(Metadata headers) {
    Headers fields = ServerHeads.headers(headers, MESH_FIELDS);
    fields.set("content-type", "application/grpc");
    return fields;
  }

  private void end(Status status, Metadata trailers) {
    if (state == State.DISPATCHED) {
      answer(trailers, status);
      driver.event(new Event.AppEnd(null));
    } else if (state == State.RESPONDED) {
      pending = trailers;
      closing = status;
      Headers fields =
          call.wantsResponse() ? ServerHeads.headers(trailers, MESH_FIELDS) : new Headers(2);
      ServerHeads.status(status, fields);
      driver.event(new Event.AppEnd(fields));
    }
  }

  /** Told by gRPC: nothing more will happen on the wire. */
  void gone(boolean cancelled) {
    if (over) {
      return;
    }
    loop.execute(
        () -> {
          if (cancelled) {
            driver.event(new Event.CallerGone());
          } else if (!over) { // gRPC closed the stream itself
            driver.event(new Event.AppFailed("the RPC was ended by gRPC"));
          }
        });
  }

  /** Whether the application is to hear of a cancellation: somebody else has answered. */
  boolean taken() {
    return taken;
  }

  // ---- SerialTransport

  @Override
  public void dispatch(RequestHead ready) {
    state = State.DISPATCHED;
    PausedListener<Q> waiting = paused;
    if (waiting != null) {
      paused = null; // from now on the application hears of the end itself
      waiting.go();
    }
  }

  @Override
  public void respond(int attempt, ResponseHead response, boolean end) {
    Metadata headers = pending;
    if (headers == null) {
      return;
    }
    edit(response.headers(), headers);
    Status status = closing;
    if (status != null) { // trailers only
      closing = ServerHeads.status(response.headers(), status);
    } else {
      pending = null;
      super.sendHeaders(headers);
    }
    state = State.RESPONDED;
  }

  private void edit(Headers edited, Metadata to) {
    if (call.wantsResponse()) {
      ServerHeads.apply(ServerHeads.headers(to, 0), edited, to);
    } else {
      ServerHeads.set(edited, to);
    }
  }

  @Override
  public void trailers(Headers edited) {
    Metadata trailers = pending;
    Status status = closing;
    if (trailers != null && status != null) {
      edit(edited, trailers);
      closing = ServerHeads.status(edited, status);
    }
  }

  @Override
  public void reply(ResponseHead answer, String body, @Nullable Headers trailers) {
    boolean late = state == State.DISPATCHED;
    Metadata only = new Metadata();
    ServerHeads.add(answer.headers(), only);
    take(late, ServerHeads.status(answer.headers(), null), only);
  }

  @Override
  public void abort(String why) {
    Status status = inTime() ? Status.UNAVAILABLE : Status.DEADLINE_EXCEEDED;
    take(true, status.withDescription(why), new Metadata());
  }

  /** Whether the caller still waits, as far as it said. */
  private boolean inTime() {
    return now() < call.context().deadlineNanos();
  }

  private void take(boolean running, Status status, Metadata trailers) {
    state = State.CLOSED;
    taken = running;
    super.close(status, trailers);
    Context.CancellableContext mine = context;
    if (mine != null) { // what the application does then must not hold up the loop
      Throwable why = inTime() ? status.asRuntimeException() : CallersDeadline.passed();
      services.drivers().workers().execute(() -> mine.cancel(why));
    }
    PausedListener<Q> waiting = paused;
    if (waiting != null) {
      waiting.drop();
    }
  }

  @Override
  public void done() {
    over = true;
    Metadata trailers = pending;
    Status status = closing;
    if (state == State.RESPONDED && trailers != null && status != null) {
      super.close(status, trailers);
    }
    if (state == State.WAITING) { // the caller left meanwhile
      drain.health().ended(delegate());
      PausedListener<Q> waiting = paused;
      if (waiting != null) {
        waiting.drop();
      }
    }
    state = State.CLOSED;
  }

  /** A defect of ours: the RPC fails closed. */
  private void broken(RuntimeException defect) {
    LOG.atError().setCause(defect).log("a served RPC could not go on");
    boolean running = state == State.DISPATCHED || state == State.RESPONDED;
    if (state != State.CLOSED) {
      take(running, Status.INTERNAL.withDescription("inmesh: internal error"), new Metadata());
    }
  }
}
