package io.inmesh.runtime;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For server adapters: says which connections were closed at once, and why. At most a line in five
 * seconds, repeats counted. Thread-safe.
 */
public final class ClosedConnections {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.server");
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(5);

  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());
  private final AtomicLong unsaid = new AtomicLong();

  public ClosedConnections() {}

  public void say(String remoteIp, int localPort, String reason) {
    long now = System.nanoTime();
    long until = quietUntil.get();
    if (now - until < 0 || !quietUntil.compareAndSet(until, now + PAUSE)) {
      unsaid.incrementAndGet();
      return;
    }
    LOG.atWarn()
        .addKeyValue("peer", remoteIp)
        .addKeyValue("port", localPort)
        .addKeyValue("reason", reason)
        .addKeyValue("others_since", unsaid.getAndSet(0))
        .log("connection closed without an answer");
  }
}
