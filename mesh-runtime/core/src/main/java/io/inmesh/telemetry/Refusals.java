package io.inmesh.telemetry;

import io.inmesh.call.Outcome;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The last answers that the mesh itself gave, with the way that led there. Lock-free, bounded. */
public final class Refusals {
  /** That many are kept. */
  public static final int KEPT = 64;

  /**
   * One of them; no header's value but the request id.
   *
   * @param peer SPIFFE name; null: none
   */
  public record Refusal(
      Instant at,
      boolean inbound,
      String method,
      String authority,
      String path,
      @Nullable String requestId,
      @Nullable String peer,
      int status,
      String flags,
      String details,
      String listener,
      String virtualHost,
      String route,
      String cluster,
      String host,
      int attempts,
      @Nullable String policy,
      @Nullable String failure,
      long millis) {}

  private final AtomicReferenceArray<@Nullable Refusal> ring = new AtomicReferenceArray<>(KEPT);
  private final AtomicInteger next = new AtomicInteger();

  void ended(boolean inbound, RequestHead request, Connection from, Outcome outcome, long nanos) {
    if (outcome.details().equals("via_upstream")
        || outcome.details().equals("downstream_remote_disconnect")
        || outcome.details().equals("direct_response")) {
      return;
    }
    int place = Math.floorMod(next.getAndIncrement(), KEPT);
    ring.set(
        place,
        new Refusal(
            Instant.now(),
            inbound,
            request.method(),
            request.authority(),
            request.path().substring(0, request.pathLength()),
            request.headers().first("x-request-id"),
            inbound ? from.peer() : null,
            outcome.status(),
            outcome.flags().toString(),
            outcome.details(),
            outcome.listener(),
            outcome.virtualHost(),
            outcome.route(),
            outcome.cluster(),
            outcome.host(),
            outcome.attempts(),
            outcome.policy(),
            outcome.failure(),
            nanos / 1_000_000));
  }

  /** Newest first. */
  public List<Refusal> last() {
    List<Refusal> all = new ArrayList<>();
    int newest = next.get() - 1;
    for (int i = 0; i < KEPT; i++) {
      Refusal one = ring.get(Math.floorMod(newest - i, KEPT));
      if (one != null) {
        all.add(one);
      }
    }
    return all;
  }
}
