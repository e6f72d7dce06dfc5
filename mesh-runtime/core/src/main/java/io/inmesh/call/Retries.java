package io.inmesh.call;

import io.inmesh.config.RetryPolicy;
import io.inmesh.config.RouteAction;
import io.inmesh.http.ResponseFlag;
import io.inmesh.http.ResponseHead;
import io.inmesh.upstream.Cluster;
import io.inmesh.upstream.Host;
import io.inmesh.upstream.PickRequest;
import io.inmesh.upstream.RetryBackOff;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The retries of one call: whether there may be another, when, what it holds of the cluster's retry
 * breaker, and what load balancing is told of the attempts before it.
 */
final class Retries implements PickRequest {
  private final OutboundCall call;
  private @Nullable RetryPolicy policy;
  private boolean concerned;
  private int remaining;
  private @Nullable List<Host> previous;
  private @Nullable Cluster heldBy;
  private @Nullable Long hash;
  private boolean highPriority;
  private long at = Long.MAX_VALUE;

  Retries(OutboundCall call) {
    this.call = call;
  }

  /** The call is routed. A tunnel is never retried. */
  void routed(RouteAction.Forward to, boolean tunnel) {
    highPriority = to.highPriority();
    hash = UpstreamHead.hash(call.request, to);
    policy = !tunnel && RetryRules.any(to.retry()) ? to.retry() : null;
    concerned = policy != null && RetryRules.concern(policy, call.request);
    remaining = policy == null ? 0 : policy.numRetries();
  }

  boolean would(ResponseHead head) {
    RetryPolicy words = policy;
    return words != null && concerned && RetryRules.wouldRetry(words, head);
  }

  boolean would(ResetKind kind, boolean sent) {
    RetryPolicy words = policy;
    return words != null && concerned && RetryRules.wouldRetry(words, kind, sent);
  }

  /**
   * Whether one more may be made now; takes its place in the breaker. False says why in the flags.
   */
  boolean may() {
    if (policy == null) {
      return false;
    }
    if (remaining == 0) {
      call.outcome.flags.add(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
      tell(CallWatcher.Retry.LIMIT_EXCEEDED);
      return false;
    }
    Cluster cluster = call.env.clusters().find(call.outcome.cluster);
    if (cluster == null) {
      return false;
    }
    release();
    if (!cluster.tryRetry(highPriority)) {
      call.outcome.flags.add(ResponseFlag.UPSTREAM_OVERFLOW);
      tell(CallWatcher.Retry.OVERFLOW);
      return false;
    }
    heldBy = cluster;
    tell(CallWatcher.Retry.TAKEN);
    return true;
  }

  private void tell(CallWatcher.Retry verdict) {
    CallWatcher watcher = call.watcher;
    Cluster cluster = watcher == null ? null : call.env.clusters().find(call.outcome.cluster);
    if (watcher != null && cluster != null) {
      watcher.retry(cluster, verdict);
    }
  }

  /** After {@link #may}: the next attempt starts when the back-off is over. */
  void schedule(Attempt failed) {
    RetryPolicy words = policy;
    if (words == null) {
      throw new IllegalStateException("a retry without a policy");
    }
    remaining--;
    if (previous == null) {
      previous = new ArrayList<>(2);
    }
    previous.add(failed.lease.host());
    int number = words.numRetries() - remaining;
    at = call.nowNanos() + RetryBackOff.nextNanos(number, words, call.env.random());
  }

  /** A hedge does not wait. */
  void scheduleAtOnce(Attempt slow) {
    schedule(slow);
    at = call.nowNanos();
  }

  /** When the next attempt starts; {@link Long#MAX_VALUE}: none is waited for. */
  long at() {
    return at;
  }

  boolean waiting() {
    return at != Long.MAX_VALUE;
  }

  /** None is waited for any more. */
  void forget() {
    at = Long.MAX_VALUE;
  }

  boolean happened() {
    return previous != null;
  }

  void release() {
    Cluster held = heldBy;
    if (held != null) {
      heldBy = null;
      held.releaseRetry(highPriority);
    }
  }

  // ---- PickRequest

  @Override
  public boolean highPriority() {
    return highPriority;
  }

  @Override
  public @Nullable Long hash() {
    return hash;
  }

  @Override
  public boolean tried(Host host) {
    RetryPolicy words = policy;
    List<Host> hosts = previous;
    return hosts != null && words != null && words.avoidPreviousHosts() && hosts.contains(host);
  }

  @Override
  public int hostSelectionAttempts() {
    RetryPolicy words = policy;
    return words == null ? 1 : words.hostSelectionAttempts();
  }

  /** Priorities of earlier attempts, taken in anew after every {@code update_frequency} ones. */
  @Override
  public @Nullable PriorityFilter priorities() {
    RetryPolicy words = policy;
    List<Host> hosts = previous;
    int every = words == null ? 0 : words.previousPriorities();
    int counted = every == 0 || hosts == null ? 0 : hosts.size() - hosts.size() % every;
    if (counted == 0 || hosts == null) {
      return null;
    }
    List<Host> failed = List.copyOf(hosts.subList(0, counted));
    return priority -> failed.stream().anyMatch(host -> host.priority() == priority);
  }

  @Override
  public int attempt() {
    return call.outcome.attempts;
  }

  @Override
  public @Nullable String originalDestination() {
    return OriginalDestination.of(call.request);
  }
}
