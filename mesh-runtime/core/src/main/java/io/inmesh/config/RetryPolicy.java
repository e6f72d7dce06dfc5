package io.inmesh.config;

import java.util.Set;

/**
 * A compiled {@code RetryPolicy}. Times in nanoseconds, 0 = none.
 *
 * @param on which outcomes are retried
 * @param statuses {@code retriable_status_codes} (only with {@link RetryOn#RETRIABLE_STATUS_CODES})
 * @param headers {@code retriable_headers}
 * @param requestHeaders {@code retriable_request_headers}: empty, or one must match for any retry
 *     to happen
 * @param numRetries {@code num_retries}; 1 when missing
 * @param perTryNanos {@code per_try_timeout}
 * @param perTryIdleNanos {@code per_try_idle_timeout}
 * @param baseNanos {@code retry_back_off.base_interval}; 25 ms when missing
 * @param maxNanos {@code retry_back_off.max_interval}; ten times the base when missing
 * @param avoidPreviousHosts {@code retry_host_predicate} has previous_hosts
 * @param hostSelectionAttempts {@code host_selection_retry_max_attempts}; 1 when missing
 * @param previousPriorities {@code retry_priority} previous_priorities' update frequency; 0: none
 */
public record RetryPolicy(
    Set<RetryOn> on,
    Set<Integer> statuses,
    java.util.List<io.inmesh.match.HeaderMatcher> headers,
    java.util.List<io.inmesh.match.HeaderMatcher> requestHeaders,
    int numRetries,
    long perTryNanos,
    long perTryIdleNanos,
    long baseNanos,
    long maxNanos,
    boolean avoidPreviousHosts,
    int hostSelectionAttempts,
    int previousPriorities) {}
