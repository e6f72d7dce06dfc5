package io.inmesh.driver;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request body of one call while several attempts may have to send it. What was written is kept
 * up to a limit (Envoy's {@code per_connection_buffer_limit_bytes}); past it, or once {@link
 * #commit}ted, only what an open reader has not taken yet is kept. Not thread-safe: it belongs to
 * the loop of its {@link SerialDriver}.
 *
 * @param <C> a chunk: a buffer, or a gRPC message
 */
public final class ReplayBuffer<C> {
  /** What the buffer must know of a chunk. */
  public interface Chunks<C> {
    /** In bytes. */
    long size(C chunk);

    /** For one attempt to send and let go of; the kept chunk must stay as it is. */
    C share(C chunk);

    /** The buffer has no more use for the chunk. */
    void release(C chunk);
  }

  private final Chunks<C> chunks;
  private final long limit;
  private final List<Reader> readers = new ArrayList<>(1);

  /** Where the next chunk goes: its chunk and its successor are null. */
  private Node<C> tail = new Node<>(0);

  private Node<C> first = tail;
  private long written;
  private long bytes;
  private boolean ended;
  private boolean replayable = true;
  private boolean closed;

  /**
   * @param limit bytes that may be kept for a further attempt
   */
  public ReplayBuffer(Chunks<C> chunks, long limit) {
    this.chunks = chunks;
    this.limit = limit;
  }

  /**
   * Takes the chunk over.
   *
   * @return true if this one passed the limit: tell the call {@code RetainOverflow}
   */
  public boolean write(C chunk) {
    if (ended || closed) {
      chunks.release(chunk);
      return false;
    }
    long size = chunks.size(chunk);
    written += size;
    bytes += size;
    Node<C> next = new Node<>(tail.number + 1);
    tail.chunk = chunk;
    tail.next = next;
    tail = next;
    if (replayable && bytes > limit) {
      replayable = false;
      trim();
      return true;
    }
    return false;
  }

  /** Nothing more is written. */
  public void end() {
    ended = true;
  }

  /** Whether another attempt could send the body from its beginning. */
  public boolean replayable() {
    return replayable;
  }

  /** No further attempt will come: what the open readers have taken is let go. */
  public void commit() {
    replayable = false;
    trim();
  }

  /** The call is over. Idempotent. */
  public void close() {
    closed = true;
    replayable = false;
    readers.clear();
    releaseUntil(tail.number);
  }

  /** Bytes that are kept now. */
  public long bytes() {
    return bytes;
  }

  /**
   * Bytes that even the fastest reader has not taken: while these are many, read no more from the
   * caller.
   */
  public long backlog() {
    long taken = written - bytes;
    for (Reader reader : readers) {
      taken = Math.max(taken, reader.taken);
    }
    return written - taken;
  }

  /** For one attempt, from the beginning. Not once the body is no longer {@link #replayable}. */
  public Reader reader() {
    if (!replayable) {
      throw new IllegalStateException("the beginning of the request body is no longer kept");
    }
    Reader reader = new Reader(first);
    readers.add(reader);
    return reader;
  }

  /**
   * Lets go of what no reader needs any more. Without a reader nothing goes: it may be the call's
   * last attempt that just failed, and then the end of the call is near.
   */
  private void trim() {
    if (replayable || readers.isEmpty()) {
      return;
    }
    long needed = Long.MAX_VALUE;
    for (Reader reader : readers) {
      needed = Math.min(needed, reader.at.number);
    }
    releaseUntil(needed);
  }

  private void releaseUntil(long number) {
    Node<C> node = first;
    for (C chunk; node.number < number && (chunk = node.chunk) != null; ) {
      bytes -= chunks.size(chunk);
      chunks.release(chunk);
      node = node.next == null ? tail : node.next;
    }
    first = node;
  }

  /** One attempt's way through the body. */
  public final class Reader {
    private Node<C> at;
    private long taken;

    private Reader(Node<C> from) {
      this.at = from;
    }

    /** The next chunk, for the attempt to send and let go of; null: none yet, or no more. */
    public @Nullable C next() {
      C chunk = at.chunk;
      Node<C> following = at.next;
      if (chunk == null || following == null || closed) {
        return null;
      }
      taken += chunks.size(chunk);
      at = following;
      C shared = chunks.share(chunk);
      trim();
      return shared;
    }

    /** Everything was taken, and nothing more will come. */
    public boolean finished() {
      return ended && at == tail;
    }

    /** The attempt is over. Idempotent. */
    public void close() {
      if (readers.remove(this)) {
        trim();
      }
    }
  }

  private static final class Node<C> {
    final long number;
    @Nullable C chunk;
    @Nullable Node<C> next;

    Node(long number) {
      this.number = number;
    }
  }
}
