package io.inmesh.upstream;

/** Why no host was given. All but {@link #NOT_READY} are what Envoy says in the same state. */
public enum Refusal implements Acquisition {
  /** No host, or none that is healthy, and no panic (Envoy's flag UH). */
  NO_HEALTHY_UPSTREAM,
  /** Breaker {@code max_requests} (Envoy's flag UO). */
  OVERFLOW_REQUESTS,
  /** Breaker {@code max_pending_requests} (Envoy's flag UO). */
  OVERFLOW_PENDING,
  /** No endpoints known yet: EDS or DNS has not answered. An Envoy would still be warming. */
  NOT_READY
}
