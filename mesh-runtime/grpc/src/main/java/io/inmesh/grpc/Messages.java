package io.inmesh.grpc;

import java.util.ArrayList;
import java.util.List;

/**
 * The request messages of one call for as long as another attempt may have to send them: up to a
 * limit, as Envoy's {@code per_connection_buffer_limit_bytes} and grpc-java's {@code
 * perRpcBufferLimit}. Attempts that run have been given everything already.
 */
final class Messages {
  /** Envoy's default, and grpc-java's. */
  private static final long LIMIT = 1 << 20;

  private final List<Chunk> kept = new ArrayList<>(1);
  private long bytes;
  private boolean keeps = true;
  private boolean lost;
  private boolean ended;

  /**
   * @param running an attempt sends it now; else it is kept in any case
   * @return true if this one passed the limit: tell the call {@code RetainOverflow}
   */
  boolean add(Chunk chunk, boolean running) {
    if (!keeps && running) {
      lost = true;
      return false;
    }
    kept.add(chunk);
    bytes += chunk.size;
    if (keeps && bytes > LIMIT) {
      keeps = false;
      if (running) {
        lost = true;
        kept.clear();
      }
      return true;
    }
    return false;
  }

  void end() {
    ended = true;
  }

  void sendTo(Attempt<?> attempt) {
    for (int i = 0; i < kept.size(); i++) {
      attempt.send(kept.get(i));
    }
    if (ended) {
      attempt.halfClose();
    }
    if (!keeps) {
      lost |= !kept.isEmpty();
      kept.clear();
    }
  }

  /** An attempt that began now would send less than the application has sent. */
  boolean lost() {
    return lost;
  }

  /** No further attempt will come. */
  void commit() {
    keeps = false;
    kept.clear();
  }

  void clear() {
    commit();
  }
}
