package io.inmesh.conformance.serial;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.inmesh.call.BodyTraits;
import io.inmesh.conformance.Answered;
import io.inmesh.conformance.Asked;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.MeshServices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The prototype with the face that the contract kit asks for: whole bodies, one event loop. */
final class SerialClient implements ClientUnderTest {
  private static final long REPLAY_LIMIT = 1 << 20;
  private final NioEventLoopGroup group = new NioEventLoopGroup(1);
  private final MeshServices services;

  SerialClient(MeshServices services) {
    this.services = services;
  }

  EventLoop loop() {
    return group.next();
  }

  @Override
  public Answered call(Asked request) throws IOException {
    try {
      return start(request).answer().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  @Override
  public Running start(Asked request) {
    EventLoop loop = loop();
    Whole whole = new Whole();
    SerialCall call = new SerialCall(services, loop, whole, REPLAY_LIMIT);
    byte[] body = request.body();
    loop.execute(
        () -> {
          try {
            call.start(head(request), body == null ? BodyTraits.NONE : BodyTraits.REPLAYABLE);
            if (body != null) {
              whole.send(call, body);
            } else {
              call.finish();
            }
          } catch (RuntimeException e) {
            whole.answer.completeExceptionally(e);
          }
        });
    return new Running() {
      @Override
      public void cancel() {
        loop.execute(call::cancel);
      }

      @Override
      public CompletableFuture<Answered> answer() {
        return whole.answer;
      }
    };
  }

  static RequestHead head(Asked request) {
    URI url = URI.create(request.url());
    Headers headers = new Headers();
    for (int i = 0; i < request.headers().size(); i += 2) {
      headers.add(request.headers().get(i), request.headers().get(i + 1));
    }
    byte[] body = request.body();
    if (body != null) {
      headers.set("content-length", Integer.toString(body.length));
    }
    String query = url.getRawQuery();
    String path = url.getRawPath() + (query == null ? "" : "?" + query);
    return new RequestHead(
        request.method(), "http", url.getRawAuthority(), path, headers, Protocol.HTTP11);
  }

  @Override
  public boolean tls() {
    return false;
  }

  @Override
  public boolean http2() {
    return false;
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
  }

  /** Collects a response; sends a body as fast as it is taken. */
  private static final class Whole implements Caller {
    private static final int PIECE = 16 * 1024;
    final CompletableFuture<Answered> answer = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private @Nullable ResponseHead head;
    private @Nullable SerialCall call;
    private byte[] body = new byte[0];
    private int sent;
    private boolean finished;
    private boolean sending;

    void send(SerialCall to, byte[] all) {
      call = to;
      body = all;
      writable();
    }

    @Override
    public void writable() {
      SerialCall to = call;
      if (to == null || finished || sending) {
        return;
      }
      sending = true;
      while (sent < body.length && to.writable() && !answer.isDone()) {
        int length = Math.min(PIECE, body.length - sent);
        ByteBuf piece = Unpooled.wrappedBuffer(body, sent, length);
        sent += length;
        to.write(piece);
      }
      sending = false;
      if (sent == body.length) {
        finished = true;
        to.finish();
      }
    }

    @Override
    public void head(ResponseHead response) {
      head = response;
    }

    @Override
    public void data(ByteBuf data) {
      byte[] bytes = new byte[data.readableBytes()];
      data.readBytes(bytes);
      data.release();
      received.writeBytes(bytes);
    }

    @Override
    public void end(@Nullable Headers trailers) {
      ResponseHead response = java.util.Objects.requireNonNull(head);
      answer.complete(
          new Answered(
              response.status(),
              response.headers(),
              received.toByteArray(),
              trailers == null ? new Headers() : trailers));
    }

    @Override
    public void failed(IOException why) {
      answer.completeExceptionally(why);
    }
  }
}
