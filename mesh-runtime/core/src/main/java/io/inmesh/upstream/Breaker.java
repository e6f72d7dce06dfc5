package io.inmesh.upstream;

import io.inmesh.config.CircuitBreakers;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breaker of a cluster and priority: counters that outlive their limits. Lock-free;
 * unlike Envoy's, which may overshoot between threads, a limit is exact.
 *
 * <p>A lease counts as a request from its pick, and as pending until it is connected. {@code
 * max_connections} is not enforced: connections belong to the adapter's pools, which share one
 * connection between HTTP/2 streams and open one for each HTTP/1.1 request in flight.
 */
final class Breaker {
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong pending = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private volatile CircuitBreakers limits;

  Breaker(CircuitBreakers limits) {
    this.limits = limits;
  }

  void limits(CircuitBreakers newLimits) {
    limits = newLimits;
  }

  /** Null: the request has its place, as one more request and one more pending. */
  @Nullable Refusal enter() {
    CircuitBreakers max = limits;
    if (!take(requests, max.maxRequests())) {
      return Refusal.OVERFLOW_REQUESTS;
    }
    if (!take(pending, max.maxPendingRequests())) {
      requests.getAndDecrement();
      return Refusal.OVERFLOW_PENDING;
    }
    return null;
  }

  void connected() {
    pending.getAndDecrement();
  }

  void leave() {
    requests.getAndDecrement();
  }

  boolean tryRetry() {
    return take(retries, maxRetries());
  }

  void releaseRetry() {
    retries.getAndDecrement();
  }

  long requests() {
    return requests.get();
  }

  long pending() {
    return pending.get();
  }

  long retries() {
    return retries.get();
  }

  /** {@code max_retries}, or what the retry budget allows of the requests in flight. */
  private long maxRetries() {
    CircuitBreakers max = limits;
    if (max.budgetPercent() < 0) {
      return max.maxRetries();
    }
    // pending ones are among the requests here; Envoy adds both for the same sum
    return Math.max((long) (max.budgetPercent() / 100 * requests.get()), max.minRetryConcurrency());
  }

  /** Adds one, unless that would exceed the limit; then nobody else sees the attempt for long. */
  private static boolean take(AtomicLong counter, long limit) {
    if (counter.incrementAndGet() <= limit) {
      return true;
    }
    counter.getAndDecrement();
    return false;
  }
}
