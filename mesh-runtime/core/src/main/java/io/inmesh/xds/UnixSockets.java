package io.inmesh.xds;

import io.grpc.ChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;

/** gRPC over Unix sockets, by the native transport that grpc-netty-shaded brings for Linux. */
final class UnixSockets {
  private UnixSockets() {}

  /** One daemon thread for the process, made when a Unix socket is first used. */
  @SuppressWarnings("deprecation") // its successor is not in the Netty that gRPC shades
  private static final class Group {
    static final EventLoopGroup INSTANCE =
        new EpollEventLoopGroup(1, new DefaultThreadFactory("inmesh-unix", true));
  }

  static NettyChannelBuilder channel(String path, ChannelCredentials credentials) {
    if (!Epoll.isAvailable()) {
      throw new IllegalStateException(
          "unix:" + path + " cannot be reached: Netty's native transport does not load here",
          Epoll.unavailabilityCause());
    }
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(path), credentials)
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(Group.INSTANCE)
        .overrideAuthority("localhost");
  }
}
