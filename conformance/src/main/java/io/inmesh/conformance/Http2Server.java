package io.inmesh.conformance;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2DataFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP/2 server on loopback, in plaintext by prior knowledge: answers every request with its
 * method, path and body.
 */
final class Http2Server implements AutoCloseable {
  private final NioEventLoopGroup group = new NioEventLoopGroup(1);
  private final List<Channel> connections = new CopyOnWriteArrayList<>();
  private final Channel listening;

  Http2Server() {
    listening =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connections.add(connection);
                    connection
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forServer().build(),
                            new Http2MultiplexHandler(new Streams()));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Connections that were ever made. */
  int connections() {
    return connections.size();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Streams extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      stream.pipeline().addLast(new Answering());
    }
  }

  private static final class Answering extends ChannelInboundHandlerAdapter {
    private final StringBuilder seen = new StringBuilder();

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
      boolean end = false;
      if (frame instanceof Http2HeadersFrame head) {
        seen.append(head.headers().method()).append(' ').append(head.headers().path()).append(' ');
        end = head.isEndStream();
      } else if (frame instanceof Http2DataFrame data) {
        seen.append(data.content().toString(StandardCharsets.UTF_8));
        end = data.isEndStream();
      }
      ReferenceCountUtil.release(frame);
      if (end) {
        context.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
        context.writeAndFlush(
            new DefaultHttp2DataFrame(Unpooled.copiedBuffer(seen, StandardCharsets.UTF_8), true));
      }
    }
  }
}
