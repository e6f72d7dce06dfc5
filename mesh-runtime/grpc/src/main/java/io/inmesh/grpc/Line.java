package io.inmesh.grpc;

import io.grpc.Attributes;
import io.inmesh.call.Wire;
import io.inmesh.identity.OutboundTlsContext;
import io.inmesh.upstream.Host;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The way to one host under one wire and one TLS context: what a connection is made for. Attempts
 * enter and leave it; one that nobody is in can be retired, and is then entered no more.
 */
final class Line {
  /** On the address of a subchannel: how the transport learns what to speak. */
  static final Attributes.Key<Line> KEY = Attributes.Key.create("io.inmesh.grpc.line");

  private static final int RETIRED = -1;

  final Host host;
  final Wire wire;
  final @Nullable OutboundTlsContext tls;
  private final AtomicInteger active = new AtomicInteger();
  private volatile long idleSince;

  /** Its connection; written by the channel's synchronization context. */
  volatile Directory.@Nullable Link link;

  Line(Host host, Wire wire, @Nullable OutboundTlsContext tls) {
    this.host = host;
    this.wire = wire;
    this.tls = tls;
    this.idleSince = System.nanoTime();
  }

  /** False: retired, ask for another. */
  boolean enter() {
    for (int now = active.get(); now != RETIRED; now = active.get()) {
      if (active.compareAndSet(now, now + 1)) {
        return true;
      }
    }
    return false;
  }

  void leave() {
    idleSince = System.nanoTime();
    active.decrementAndGet();
  }

  boolean idleFor(long nanos, long nowNanos) {
    return active.get() == 0 && nowNanos - idleSince >= nanos;
  }

  /** False: somebody is in it. */
  boolean retire() {
    return active.compareAndSet(0, RETIRED);
  }

  @Override
  public String toString() {
    return host.address() + (wire.tls() == null ? " in plaintext" : " over TLS");
  }
}
