package io.inmesh.config;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * One named resource: the newest that was accepted, and the one in force, which may be older while
 * the newest warms. The message itself is not kept, only its digest.
 */
final class Slot<T> {
  private @Nullable ByteString digest;
  private @Nullable T latest;
  private @Nullable T live;

  boolean same(ByteString digest) {
    return digest.equals(this.digest);
  }

  void accept(@Nullable T compiled, ByteString digest) {
    this.latest = compiled;
    this.digest = digest;
  }

  @Nullable T latest() {
    return latest;
  }

  @Nullable T live() {
    return live;
  }

  /** Something newer waits to be in force. */
  boolean pending() {
    return latest != live;
  }

  void enforce() {
    live = latest;
  }

  void enforce(T other) {
    live = other;
    latest = other;
  }
}
