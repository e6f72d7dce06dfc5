package io.inmesh.grpc.server;

import io.grpc.ServerBuilder;

/** The transports whose ports can be meshed, as far as they are on the class path. */
final class Transports {
  private Transports() {}

  /** False: the builder is of another transport. */
  static boolean secure(ServerBuilder<?> builder, Arrivals arrivals) {
    return shaded(builder, arrivals) || unshaded(builder, arrivals);
  }

  private static boolean shaded(ServerBuilder<?> builder, Arrivals arrivals) {
    try {
      return ShadedNettyPort.secure(builder, arrivals);
    } catch (NoClassDefFoundError absent) {
      return false;
    }
  }

  private static boolean unshaded(ServerBuilder<?> builder, Arrivals arrivals) {
    try {
      return NettyPort.secure(builder, arrivals);
    } catch (NoClassDefFoundError absent) {
      return false;
    }
  }
}
