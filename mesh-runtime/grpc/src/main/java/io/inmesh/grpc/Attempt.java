package io.inmesh.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inmesh.call.Event;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of an RPC: a newCall of its own on its line. What it hears goes to the call's loop,
 * where all of its state is.
 */
final class Attempt<P> extends ClientCall.Listener<P> {
  static final CallOptions.Key<@Nullable Attempt<?>> KEY =
      CallOptions.Key.create("io.inmesh.grpc.attempt");
  static final ClientStreamTracer.Factory TRACERS = new Tracers();

  final int number;
  private final MeshCall<?, P> call;
  private final Line line;
  final boolean mirror;
  private final ClientCall<Chunk, P> stream;

  /** The connection that it waits for or has; the directory's. */
  volatile Directory.@Nullable Link link;

  private boolean compressing = true;
  private boolean connected;
  private boolean complete;
  private boolean headSeen;
  private boolean closed;

  /** How it ended, as grpc-java says it. */
  private @Nullable Status status;

  /** Whether the peer ended the stream; grpc-java makes up a status where it did not. */
  private volatile boolean peerSaidStatus;

  Attempt(
      MeshCall<?, P> call,
      int number,
      Line line,
      boolean mirror,
      Channel channel,
      MethodDescriptor<Chunk, P> method,
      CallOptions options) {
    this.call = call;
    this.number = number;
    this.line = line;
    this.mirror = mirror;
    this.stream = channel.newCall(method, options.withOption(KEY, this));
  }

  Line line() {
    return line;
  }

  Attributes attributes() {
    return stream.getAttributes();
  }

  @Nullable Status status() {
    return status;
  }

  // ---- in the call's loop

  void start(RequestHead head, int wanted) {
    Metadata headers;
    try {
      headers = GrpcHeads.request(head.headers());
    } catch (IllegalArgumentException e) { // no stream, so nobody will tell of its end
      closed = true;
      line.leave();
      throw e;
    }
    stream.start(this, headers);
    request(mirror ? Integer.MAX_VALUE : wanted);
  }

  void send(Chunk message) {
    if (!closed) {
      if (message.compressed != compressing) {
        compressing = message.compressed;
        stream.setMessageCompression(compressing);
      }
      stream.sendMessage(message);
    }
  }

  void halfClose() {
    if (!closed) {
      complete = true;
      stream.halfClose();
      if (connected) {
        call.event(new Event.RequestSent(number));
      }
    }
  }

  boolean ready() {
    return !closed && stream.isReady();
  }

  void request(int count) {
    if (!closed && count > 0) {
      stream.request(count);
    }
  }

  void cancel(String why) {
    if (!closed) {
      closed = true;
      stream.cancel(why, null);
    }
  }

  // ---- Listener

  @Override
  public void onReady() {
    call.heard(call::readiness);
  }

  @Override
  public void onHeaders(Metadata headers) {
    call.heard(
        () -> {
          if (!closed) {
            headSeen = true;
            ResponseHead head = new ResponseHead(200, GrpcHeads.headers(headers, 4));
            call.event(new Event.Head(number, head, false));
          }
        });
  }

  @Override
  public void onMessage(P message) {
    call.heard(
        () -> {
          if (!closed) {
            call.received(this, message);
          }
        });
  }

  @Override
  public void onClose(Status how, Metadata trailers) {
    line.leave();
    call.heard(() -> ended(how, trailers));
  }

  private void ended(Status how, Metadata trailers) {
    if (closed) {
      return;
    }
    closed = true;
    status = how;
    if (mirror) {
      call.event(new Event.End(number, null));
    } else if (peerSaidStatus) {
      if (headSeen) {
        call.event(new Event.End(number, GrpcHeads.trailers(how, trailers)));
      } else {
        ResponseHead head = new ResponseHead(200, GrpcHeads.trailers(how, trailers));
        call.event(new Event.Head(number, head, true));
      }
    } else {
      int http = headSeen ? 0 : GrpcHeads.httpStatus(trailers);
      if (http != 0) {
        call.event(
            new Event.Head(number, new ResponseHead(http, GrpcHeads.headers(trailers, 2)), true));
      } else {
        call.event(Failures.of(number, how, connected));
      }
    }
  }

  private void streamCreated() {
    if (!connected && !closed) {
      connected = true;
      call.event(complete ? new Event.RequestSent(number) : new Event.Connected(number));
    }
  }

  /** One for all attempts: it finds the attempt in the options of the stream. */
  private static final class Tracers extends ClientStreamTracer.Factory {
    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      Attempt<?> attempt = info.getCallOptions().getOption(KEY);
      return attempt == null ? new ClientStreamTracer() {} : new Tracer(attempt);
    }
  }

  private static final class Tracer extends ClientStreamTracer {
    private final Attempt<?> attempt;

    Tracer(Attempt<?> attempt) {
      this.attempt = attempt;
    }

    @Override
    public void streamCreated(Attributes transport, Metadata sent) {
      attempt.call.loop().execute(attempt::streamCreated);
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
      attempt.peerSaidStatus = true;
    }
  }
}
