package io.inmesh.xds;

import io.grpc.ManagedChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The control planes in their order, and the channel to the one in use. Configuration thread. */
final class Servers {
  private final List<ControlPlane> all;
  private int current;
  private @Nullable ManagedChannel channel;
  private long generation;

  Servers(List<ControlPlane> all) {
    this.all = all;
  }

  ControlPlane get(int index) {
    return all.get(index);
  }

  ControlPlane inUse() {
    return all.get(current);
  }

  int current() {
    return current;
  }

  boolean several() {
    return all.size() > 1;
  }

  /** Uses the next one, or from the last one the first again. */
  void next() {
    drop();
    current = (current + 1) % all.size();
  }

  /** Uses this one by a channel that is open already. */
  void use(int index, ManagedChannel open, long openGeneration) {
    drop();
    current = index;
    channel = open;
    generation = openGeneration;
  }

  ManagedChannel channel() {
    long now = inUse().generation();
    ManagedChannel open = channel;
    if (open == null || now != generation) {
      drop();
      open = inUse().newChannel();
      channel = open;
      generation = now;
    }
    return open;
  }

  void drop() {
    if (channel != null) {
      channel.shutdown();
      channel = null;
    }
  }

  void cut() {
    if (channel != null) {
      channel.shutdownNow();
    }
  }
}
