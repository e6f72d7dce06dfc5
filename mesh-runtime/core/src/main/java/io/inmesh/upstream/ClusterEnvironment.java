package io.inmesh.upstream;

import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * What clusters need from outside.
 *
 * @param random any 64 bits; thread-safe, cheap
 * @param clock nanoseconds, the same clock that callers pass as {@code nowNanos}
 * @param resolver for STRICT_DNS and LOGICAL_DNS
 * @param scheduler runs DNS refreshes and nothing else; short tasks that never block
 */
public record ClusterEnvironment(
    LongSupplier random,
    LongSupplier clock,
    UpstreamListener listener,
    HostResolver resolver,
    ScheduledExecutorService scheduler) {}
