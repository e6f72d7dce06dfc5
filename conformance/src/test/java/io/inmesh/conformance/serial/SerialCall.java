package io.inmesh.conformance.serial;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
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
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.MeshServices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One logical call on an event loop. Everything happens on the loop. */
final class SerialCall implements SerialTransport {
  /** While the fastest attempt is behind by more, the caller shall wait. */
  static final long HIGH_WATER = 64 * 1024;

  private static final Capabilities CAN = new Capabilities(true, false, true, false);

  private static final ReplayBuffer.Chunks<ByteBuf> BUFFERS =
      new ReplayBuffer.Chunks<>() {
        @Override
        public long size(ByteBuf chunk) {
          return chunk.readableBytes();
        }

        @Override
        public ByteBuf share(ByteBuf chunk) {
          return chunk.retainedDuplicate();
        }

        @Override
        public void release(ByteBuf chunk) {
          chunk.release();
        }
      };

  final EventLoop loop;
  final ReplayBuffer<ByteBuf> body;
  private final MeshServices services;
  private final SerialDriver driver;
  private final Caller caller;
  private final Map<Integer, Line> lines = new HashMap<>();
  private @Nullable Line chosen;
  private @Nullable Headers trailers;
  private boolean reading = true;
  private boolean ended;
  private boolean told;
  private boolean over;

  SerialCall(MeshServices services, EventLoop loop, Caller caller, long replayLimit) {
    this.services = services;
    this.loop = loop;
    this.caller = caller;
    this.body = new ReplayBuffer<>(BUFFERS, replayLimit);
    this.driver = new SerialDriver(services.drivers(), loop, this);
  }

  // ---- the caller

  void start(RequestHead head, BodyTraits traits) {
    long now = services.drivers().nanos().getAsLong();
    Call call = services.calls().outbound(head, traits, CallContext.NONE, CAN, driver, now);
    if (call == null) {
      throw new IllegalArgumentException("the mesh leaves " + head + " alone");
    }
    driver.start(call);
  }

  /** Takes the buffer over. */
  void write(ByteBuf data) {
    if (body.write(data)) {
      event(new Event.RetainOverflow());
    }
    pump();
  }

  void finish() {
    body.end();
    pump();
  }

  private void pump() {
    for (Line line : List.copyOf(lines.values())) {
      line.pump();
    }
  }

  boolean writable() {
    return body.backlog() < HIGH_WATER;
  }

  /** Whether response bytes are wanted now. */
  void reading(boolean wanted) {
    reading = wanted;
    Line line = chosen;
    if (wanted && line != null) {
      line.deliver();
    }
  }

  void cancel() {
    event(new Event.CallerGone());
  }

  // ---- told by lines

  void event(Event event) {
    driver.event(event);
  }

  void taken() {
    if (!over && writable()) {
      caller.writable();
    }
  }

  boolean wants(Line line) {
    return reading && line == chosen;
  }

  void data(Line line, ByteBuf data) {
    event(new Event.Progress(line.attempt));
    caller.data(data);
  }

  void end(Line line, @Nullable Headers received) {
    ended = true;
    event(new Event.End(line.attempt, received));
  }

  /** Nothing more comes of that attempt. */
  void closed(Line line) {
    lines.remove(line.attempt);
    if (over && lines.isEmpty()) {
      body.close();
    }
  }

  // ---- SerialTransport

  @Override
  public void start(Command.Start start) {
    open(new Line(this, start.attempt(), start.head(), false), start.host(), start.wire());
  }

  @Override
  public void mirror(Command.Mirror mirror) {
    open(new Line(this, mirror.attempt(), mirror.head(), true), mirror.host(), mirror.wire());
  }

  private void open(Line line, io.inmesh.upstream.Host host, io.inmesh.call.Wire wire) {
    lines.put(line.attempt, line);
    line.open(host, wire);
  }

  @Override
  public void cancel(int attempt, String why) {
    Line line = lines.get(attempt);
    if (line != null) {
      line.close();
    }
  }

  @Override
  public void respond(int attempt, ResponseHead head, boolean end) {
    Line line = lines.get(attempt);
    chosen = line;
    body.commit();
    caller.head(head);
    if (line != null) {
      // not from within the pump: what is delivered are events
      loop.execute(line::deliver);
    }
  }

  @Override
  public void trailers(Headers edited) {
    trailers = edited;
  }

  @Override
  public void reply(ResponseHead head, String text, @Nullable Headers more) {
    told = true;
    caller.head(head);
    if (!text.isEmpty()) {
      caller.data(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }
    caller.end(more);
  }

  @Override
  public void abort(String why) {
    told = true;
    caller.failed(new IOException(why));
  }

  @Override
  public void done() {
    over = true;
    for (Line line : new ArrayList<>(lines.values())) {
      if (!line.mirror) {
        line.close();
      }
    }
    if (lines.isEmpty()) {
      body.close();
    }
    if (ended && !told) {
      caller.end(trailers);
    } else if (!told) {
      caller.failed(new IOException("Canceled"));
    }
  }
}
