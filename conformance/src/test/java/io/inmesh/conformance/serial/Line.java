package io.inmesh.conformance.serial;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.ConnectTimeoutException;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpClientCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObject;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.LastHttpContent;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import io.inmesh.call.Event;
import io.inmesh.call.ResetKind;
import io.inmesh.call.Wire;
import io.inmesh.driver.ReplayBuffer;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.Host;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on a connection of its own. It reads from the socket only while the caller wants more
 * and writes only while the socket takes more.
 */
final class Line extends ChannelInboundHandlerAdapter {
  final int attempt;
  final boolean mirror;
  private final SerialCall call;
  private final RequestHead head;
  private final ReplayBuffer<ByteBuf>.Reader body;
  private final Deque<HttpContent> received = new ArrayDeque<>();
  private @Nullable Channel channel;
  private boolean sentHead;
  private boolean sentAll;
  private boolean interim;
  private boolean closed;
  private boolean delivering;

  Line(SerialCall call, int attempt, RequestHead head, boolean mirror) {
    this.call = call;
    this.attempt = attempt;
    this.head = head;
    this.mirror = mirror;
    this.body = call.body.reader();
  }

  void open(Host host, Wire wire) {
    if (wire.tls() != null) {
      throw new UnsupportedOperationException("the prototype speaks plaintext only");
    }
    long connect = TimeUnit.NANOSECONDS.toMillis(wire.connectTimeoutNanos());
    ChannelFuture connecting =
        new Bootstrap()
            .group(call.loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connect)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.AUTO_READ, false)
            .handler(this)
            .connect(new InetSocketAddress(host.endpoint().host(), host.endpoint().port()));
    channel = connecting.channel();
    connecting.addListener(done -> connected(done.cause()));
  }

  private void connected(@Nullable Throwable failure) {
    if (closed) {
      return;
    }
    if (failure != null) {
      boolean late = failure instanceof ConnectTimeoutException;
      failed(late ? ResetKind.CONNECT_TIMEOUT : ResetKind.CONNECT_FAILURE, failure.toString());
      return;
    }
    Channel to = java.util.Objects.requireNonNull(channel);
    to.pipeline().addFirst(new HttpClientCodec());
    call.event(new Event.Connected(attempt));
    if (closed) {
      return;
    }
    HttpRequest request =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.valueOf(head.method()), head.path());
    Headers from = head.headers();
    for (int i = 0; i < from.size(); i++) {
      request.headers().add(from.name(i), from.value(i));
    }
    request.headers().set("host", head.authority());
    to.write(request);
    sentHead = true;
    pump();
    to.flush();
    to.read();
  }

  // ---- request

  /** Sends what is there, as far as the socket takes it. */
  void pump() {
    Channel to = channel;
    if (closed || sentAll || !sentHead || to == null) {
      return;
    }
    for (ByteBuf chunk; to.isWritable() && (chunk = body.next()) != null; ) {
      to.write(new DefaultHttpContent(chunk));
    }
    if (body.finished()) {
      sentAll = true;
      to.write(LastHttpContent.EMPTY_LAST_CONTENT)
          .addListener(
              done -> {
                if (done.isSuccess() && !closed) {
                  call.event(new Event.RequestSent(attempt));
                }
              });
    }
    to.flush();
    call.taken();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      pump();
    }
  }

  // ---- response

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (closed || !(message instanceof HttpObject part)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (part.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      failed(ResetKind.PROTOCOL_ERROR, String.valueOf(part.decoderResult().cause()));
      return;
    }
    if (message instanceof HttpResponse response) {
      interim = response.status().code() < 200;
      if (!interim) {
        Headers headers = headers(response.headers());
        call.event(
            new Event.Head(attempt, new ResponseHead(response.status().code(), headers), false));
      }
    }
    if (message instanceof HttpContent content) {
      if (interim || closed) {
        content.release();
      } else if (mirror) {
        boolean last = content instanceof LastHttpContent;
        content.release();
        if (last) {
          call.event(new Event.End(attempt, null));
          close();
        }
      } else {
        received.add(content);
      }
    }
  }

  /** A batch was read; what the caller wants of it goes on, and then more is read. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    deliver();
    if (!closed && (interim || mirror)) {
      context.read();
    }
  }

  void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (!closed && call.wants(this) && !received.isEmpty()) {
        HttpContent content = received.remove();
        ByteBuf data = content.content();
        if (data.isReadable()) {
          call.data(this, data);
        } else {
          data.release();
        }
        if (content instanceof LastHttpContent last && !closed) {
          HttpHeaders trailing = last.trailingHeaders();
          call.end(this, trailing.isEmpty() ? null : headers(trailing));
          return;
        }
      }
    } finally {
      delivering = false;
    }
    Channel from = channel;
    if (!closed && call.wants(this) && from != null) {
      from.read();
    }
  }

  private static Headers headers(HttpHeaders from) {
    Headers headers = new Headers(from.size());
    for (Map.Entry<String, String> field : from) {
      headers.add(field.getKey(), field.getValue());
    }
    return headers;
  }

  // ---- the end

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    failed(ResetKind.CONNECTION_TERMINATION, "the connection was closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failed(ResetKind.CONNECTION_TERMINATION, String.valueOf(cause.getMessage()));
  }

  private void failed(ResetKind kind, String detail) {
    if (!closed) {
      close();
      call.event(new Event.Failed(attempt, kind, detail));
    }
  }

  /** Idempotent. A connection serves one attempt: the prototype has no pool. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    body.close();
    received.forEach(ReferenceCountUtil::release);
    received.clear();
    Channel mine = channel;
    if (mine != null) {
      mine.close();
    }
    call.closed(this);
  }
}
