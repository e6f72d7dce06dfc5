package io.inmesh.config;

/**
 * {@code HedgePolicy}: with {@code hedge_on_per_try_timeout} a per-try time-out starts another
 * attempt beside the first.
 */
public record HedgePolicy(boolean onPerTryTimeout) {}
