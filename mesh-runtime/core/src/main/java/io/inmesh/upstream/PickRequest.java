package io.inmesh.upstream;

import org.jspecify.annotations.Nullable;

/** What load balancing may know of a request (Envoy's {@code LoadBalancerContext}). */
public interface PickRequest {
  /** {@code RouteAction.priority} is HIGH: the other breaker counts. */
  boolean highPriority();

  /** What {@code hash_policy} made of the request; null: nothing to hash, a random one is taken. */
  @Nullable Long hash();

  /**
   * {@code retry_host_predicate} previous_hosts: this request was there already. False when the
   * route has no such predicate.
   */
  boolean tried(Host host);

  /**
   * {@code host_selection_retry_max_attempts}: how often a host that was {@link #tried} is replaced
   * by another pick; after that the last pick is used.
   */
  int hostSelectionAttempts();

  /** 0 for the first attempt, n for the n-th retry. */
  int attempt();

  /**
   * {@code retry_priority} previous_priorities: priorities of earlier attempts that now count as
   * down. Null: the ordinary priorities hold.
   */
  default @Nullable PriorityFilter priorities() {
    return null;
  }

  /** Where the caller wanted to go, as {@code ip:port}; for ORIGINAL_DST clusters only. */
  default @Nullable String originalDestination() {
    return null;
  }

  /** Which priorities a retry shall avoid. */
  @FunctionalInterface
  interface PriorityFilter {
    boolean avoids(int priority);
  }
}
