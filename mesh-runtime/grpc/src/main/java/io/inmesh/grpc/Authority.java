package io.inmesh.grpc;

import io.grpc.Channel;

/** What an RPC calls: the target, or the name that the application put in its place. */
final class Authority {
  private Authority() {}

  static String of(Channel channel, MeshTarget target) {
    String name = channel.authority();
    return name == null || name.equals(target.authority)
        ? target.authority
        : withPort(name, target);
  }

  /** A name without a port gets the target's: the mesh finds a listener by it. */
  static String withPort(String name, MeshTarget target) {
    if (portStart(name) >= 0) {
      return name;
    }
    int port = portStart(target.authority);
    return port < 0 ? name : name + target.authority.substring(port - 1);
  }

  private static int portStart(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon < 0 || authority.indexOf(']', colon) >= 0 || colon == authority.length() - 1
        ? -1
        : colon + 1;
  }
}
