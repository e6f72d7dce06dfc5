package io.inmesh.grpc;

import io.inmesh.call.Outcome;
import io.inmesh.http.ResponseFlag;

/**
 * The pace of an RPC that the application has made {@code waitForReady}: what never reached a host
 * is asked for again, until somebody serves it or the caller's deadline ends it. That is the
 * library's promise, which a sidecar knows nothing of: each time it is a new call of the engine.
 */
final class WaitForReady {
  private static final long FIRST_MILLIS = 20;
  private static final long MOST_MILLIS = 1000;

  private long millis = FIRST_MILLIS;

  /** Nobody was there to serve it; policy and breakers are obeyed at once. */
  static boolean worthwhile(Outcome outcome) {
    return outcome.flags().has(ResponseFlag.NO_HEALTHY_UPSTREAM)
        || outcome.flags().has(ResponseFlag.UPSTREAM_CONNECTION_FAILURE)
        || outcome.flags().has(ResponseFlag.NO_CLUSTER_FOUND)
        || outcome.details().equals("inmesh_not_started");
  }

  long nextMillis() {
    long now = millis;
    millis = Math.min(MOST_MILLIS, millis * 2);
    return now;
  }
}
