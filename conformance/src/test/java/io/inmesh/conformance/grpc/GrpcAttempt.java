package io.inmesh.conformance.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.driver.ReplayBuffer;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/** One attempt of an RPC: a newCall of its own. What it hears goes to the call's own sequence. */
final class GrpcAttempt<P> extends ClientCall.Listener<P> {
  final int number;
  private final MeshClientCall<?, P> call;
  private final ReplayBuffer<byte[]>.Reader messages;
  private final ClientCall<byte[], P> stream;
  private boolean created;
  private boolean headSeen;
  private boolean sentAll;
  private boolean closed;

  /** Whether the peer ended the stream; grpc-java makes up a status where it did not. */
  private volatile boolean peerSaidStatus;

  GrpcAttempt(
      MeshClientCall<?, P> call,
      int number,
      Channel channel,
      MethodDescriptor<byte[], P> method,
      CallOptions options) {
    this.call = call;
    this.number = number;
    this.messages = call.messages.reader();
    this.stream = channel.newCall(method, options.withStreamTracerFactory(new Tracers()));
  }

  void start(RequestHead head) {
    stream.start(this, GrpcHeads.metadata(head.headers()));
    pump();
  }

  /** Sends what the stream takes now. */
  void pump() {
    if (closed || sentAll) {
      return;
    }
    for (byte[] message; stream.isReady() && (message = messages.next()) != null; ) {
      stream.sendMessage(message);
    }
    if (messages.finished()) {
      sentAll = true;
      stream.halfClose();
      call.event(new Event.RequestSent(number));
    }
    call.taken();
  }

  boolean ready() {
    return !closed && stream.isReady();
  }

  /** grpc-java breaks a stream that is asked for 0 messages. */
  void request(int count) {
    if (!closed && count > 0) {
      stream.request(count);
    }
  }

  void cancel(String why) {
    if (!closed) {
      closed = true;
      messages.close();
      stream.cancel(why, null);
    }
  }

  // ---- Listener

  @Override
  public void onReady() {
    call.sync.execute(this::pump);
  }

  @Override
  public void onHeaders(Metadata headers) {
    call.sync.execute(
        () -> {
          if (!closed) {
            headSeen = true;
            ResponseHead head = new ResponseHead(200, GrpcHeads.headers(headers));
            call.event(new Event.Head(number, head, false));
          }
        });
  }

  @Override
  public void onMessage(P message) {
    call.sync.execute(
        () -> {
          if (!closed) {
            call.received(this, message);
          }
        });
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    call.sync.execute(() -> ended(status, trailers));
  }

  private void ended(Status status, Metadata trailers) {
    if (closed) {
      return;
    }
    closed = true;
    messages.close();
    if (!peerSaidStatus) {
      call.broken(
          new Event.Failed(
              number,
              created ? ResetKind.REMOTE_RESET : ResetKind.CONNECT_FAILURE,
              String.valueOf(status.getDescription())));
    } else if (headSeen) {
      call.event(new Event.End(number, GrpcHeads.trailers(status, trailers)));
    } else {
      ResponseHead head = new ResponseHead(200, GrpcHeads.trailers(status, trailers));
      call.event(new Event.Head(number, head, true));
    }
  }

  private final class Tracers extends ClientStreamTracer.Factory {
    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void streamCreated(io.grpc.@Nullable Attributes transport, Metadata sent) {
          call.sync.execute(
              () -> {
                created = true;
                call.event(new Event.Connected(number));
              });
        }

        @Override
        public void inboundTrailers(Metadata trailers) {
          peerSaidStatus = true;
        }
      };
    }
  }
}
