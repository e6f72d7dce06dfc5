package io.inmesh.config;

import com.google.protobuf.ByteString;
import java.util.List;
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

  /** What is in force and what shall be; once if they are the same. */
  List<T> both() {
    T now = live;
    T next = latest;
    if (next == null) {
      return now == null ? List.of() : List.of(now);
    }
    return now == null || now == next ? List.of(next) : List.of(now, next);
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
