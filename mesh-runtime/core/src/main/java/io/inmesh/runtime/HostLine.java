package io.inmesh.runtime;

import io.inmesh.call.Wire;
import io.inmesh.identity.OutboundTlsContext;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An adapter's way to one host under one wire and one TLS context, with connections of its own.
 * Thread-safe.
 */
public abstract class HostLine {
  private static final int CLOSED = Integer.MIN_VALUE;

  private final Wire wire;
  private final @Nullable OutboundTlsContext tls;
  private final AtomicInteger running = new AtomicInteger();
  private volatile boolean retired;

  protected HostLine(Wire wire, @Nullable OutboundTlsContext tls) {
    this.wire = wire;
    this.tls = tls;
  }

  public final Wire wire() {
    return wire;
  }

  /** Null: plaintext. */
  public final @Nullable OutboundTlsContext tls() {
    return tls;
  }

  /** Closes every connection; never blocks. */
  protected abstract void disconnect();

  /** For one request. @return false: closed meanwhile, ask for the line again */
  final boolean acquire() {
    return running.getAndUpdate(count -> count == CLOSED ? CLOSED : count + 1) != CLOSED;
  }

  /** A request is over; once for each. */
  public final void release() {
    running.updateAndGet(count -> count == CLOSED ? CLOSED : count - 1);
    if (retired) {
      closeIfIdle();
    }
  }

  /** Closes when its last request has ended. */
  final void retire() {
    retired = true;
    closeIfIdle();
  }

  private void closeIfIdle() {
    if (running.compareAndSet(0, CLOSED)) {
      disconnect();
    }
  }

  /** Whatever runs on it. */
  final void close() {
    if (running.getAndSet(CLOSED) != CLOSED) {
      disconnect();
    }
  }

  final boolean closed() {
    return running.get() == CLOSED;
  }
}
