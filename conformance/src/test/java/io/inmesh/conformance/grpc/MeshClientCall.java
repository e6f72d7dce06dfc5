package io.inmesh.conformance.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.call.Event;
import io.inmesh.driver.ReplayBuffer;
import io.inmesh.driver.SerialDriver;
import io.inmesh.driver.SerialTransport;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One RPC. All of its work happens in {@link #sync}: the methods that the application calls only
 * queue it, so they never block.
 */
final class MeshClientCall<Q, P> extends ClientCall<Q, P> implements SerialTransport {
  /** While the fastest attempt is behind by more, the call is not ready. */
  private static final long HIGH_WATER = 32 * 1024;

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          throw new UnsupportedOperationException();
        }
      };

  private static final ReplayBuffer.Chunks<byte[]> MESSAGES =
      new ReplayBuffer.Chunks<>() {
        @Override
        public long size(byte[] chunk) {
          return chunk.length;
        }

        @Override
        public byte[] share(byte[] chunk) {
          return chunk;
        }

        @Override
        public void release(byte[] chunk) {}
      };

  final SynchronizationContext sync =
      new SynchronizationContext((thread, e) -> gone(Status.INTERNAL.withCause(e)));

  final ReplayBuffer<byte[]> messages;
  private final MeshInterceptor mesh;
  private final MethodDescriptor<Q, P> method;
  private final MethodDescriptor<byte[], P> raw;
  private final CallOptions options;
  private final SerialDriver driver;
  private final Map<Integer, GrpcAttempt<P>> attempts = new HashMap<>();
  private @Nullable Listener<P> listener;
  private @Nullable GrpcAttempt<P> chosen;
  private @Nullable Headers trailers;
  private @Nullable Future<?> deadline;
  private int wanted;
  private boolean closed;
  private volatile boolean ready;

  MeshClientCall(MeshInterceptor mesh, MethodDescriptor<Q, P> method, CallOptions options) {
    this.mesh = mesh;
    this.method = method;
    this.raw = method.toBuilder(BYTES, method.getResponseMarshaller()).build();
    this.options = options;
    this.messages = new ReplayBuffer<>(MESSAGES, mesh.replayLimit());
    this.driver = new SerialDriver(mesh.services().drivers(), sync, this);
  }

  // ---- ClientCall

  @Override
  public void start(Listener<P> to, Metadata headers) {
    sync.execute(
        () -> {
          listener = to;
          limit(options.getDeadline());
          Headers head = GrpcHeads.headers(headers);
          head.set("content-type", "application/grpc");
          head.set("te", "trailers");
          RequestHead request =
              new RequestHead(
                  "POST",
                  "http",
                  mesh.authority(),
                  "/" + method.getFullMethodName(),
                  head,
                  Protocol.HTTP2);
          long now = mesh.services().drivers().nanos().getAsLong();
          Call call =
              mesh.services()
                  .calls()
                  .outbound(
                      request,
                      BodyTraits.REPLAYABLE,
                      CallContext.NONE,
                      Capabilities.ALL,
                      driver,
                      now);
          driver.start(Objects.requireNonNull(call, "the mesh leaves this call alone"));
        });
  }

  /** The application's own limit is its own: it reads DEADLINE_EXCEEDED, not what a route says. */
  private void limit(@Nullable Deadline own) {
    if (own != null) {
      Runnable passed =
          () -> sync.execute(() -> gone(Status.DEADLINE_EXCEEDED.withDescription("" + own)));
      deadline =
          mesh.services()
              .drivers()
              .timer()
              .schedule(passed, own.timeRemaining(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void request(int count) {
    sync.execute(
        () -> {
          GrpcAttempt<P> from = chosen;
          if (from == null) {
            wanted += count;
          } else {
            from.request(count);
          }
        });
  }

  @Override
  public void sendMessage(Q message) {
    byte[] bytes;
    try (InputStream stream = method.streamRequest(message)) {
      bytes = stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sync.execute(
        () -> {
          if (messages.write(bytes)) {
            event(new Event.RetainOverflow());
          }
          pump();
        });
  }

  @Override
  public void halfClose() {
    sync.execute(
        () -> {
          messages.end();
          pump();
        });
  }

  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    sync.execute(() -> gone(Status.CANCELLED.withDescription(message).withCause(cause)));
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  private void gone(Status status) {
    event(new Event.CallerGone());
    failed(status);
  }

  // ---- told by attempts, in sync

  void event(Event event) {
    driver.event(event);
  }

  void broken(Event.Failed failed) {
    Deadline own = options.getDeadline();
    if (own != null && own.isExpired()) {
      gone(Status.DEADLINE_EXCEEDED.withDescription(failed.detail()));
    } else {
      event(failed);
    }
  }

  void received(GrpcAttempt<P> from, P message) {
    event(new Event.Progress(from.number));
    if (from == chosen && !closed) {
      Objects.requireNonNull(listener).onMessage(message);
    }
  }

  private void pump() {
    for (GrpcAttempt<P> attempt : List.copyOf(attempts.values())) {
      attempt.pump();
    }
    taken();
  }

  /** An attempt sent something, or could not: is there room for more? */
  void taken() {
    boolean open = false;
    for (GrpcAttempt<P> attempt : attempts.values()) {
      open |= attempt.ready();
    }
    boolean before = ready;
    ready = open && messages.backlog() < HIGH_WATER;
    if (ready && !before && !closed) {
      Objects.requireNonNull(listener).onReady();
    }
  }

  // ---- SerialTransport

  @Override
  public void start(Command.Start start) {
    CallOptions own = options.withAuthority(start.head().authority()).withoutWaitForReady();
    GrpcAttempt<P> attempt =
        new GrpcAttempt<>(this, start.attempt(), mesh.channels().apply(start.host()), raw, own);
    attempts.put(start.attempt(), attempt);
    attempt.start(start.head());
  }

  @Override
  public void cancel(int number, String why) {
    GrpcAttempt<P> attempt = attempts.remove(number);
    if (attempt != null) {
      attempt.cancel(why);
    }
  }

  @Override
  public void respond(int number, ResponseHead head, boolean end) {
    if (end) {
      trailers = head.headers();
      return;
    }
    GrpcAttempt<P> attempt = Objects.requireNonNull(attempts.get(number));
    chosen = attempt;
    messages.commit();
    Objects.requireNonNull(listener).onHeaders(GrpcHeads.metadata(head.headers()));
    attempt.request(wanted);
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
    failed(Status.UNAVAILABLE.withDescription(why));
  }

  @Override
  public void done() {
    for (GrpcAttempt<P> attempt : new ArrayList<>(attempts.values())) {
      attempt.cancel("the call is over");
    }
    attempts.clear();
    messages.close();
    Headers last = trailers;
    if (last != null) {
      close(GrpcHeads.status(last), GrpcHeads.metadata(last));
    }
  }

  private void failed(Status status) {
    close(status, new Metadata());
  }

  private void close(Status status, Metadata last) {
    if (!closed) {
      closed = true;
      ready = false;
      if (deadline != null) {
        deadline.cancel(false);
      }
      Listener<P> to = listener;
      if (to != null) {
        to.onClose(status, last);
      }
    }
  }
}
