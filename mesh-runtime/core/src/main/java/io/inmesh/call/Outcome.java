package io.inmesh.call;

import io.inmesh.http.ResponseFlags;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended and who decided: every answer says why. Written by the call, read when it is
 * done.
 */
public final class Outcome {
  int status;
  final ResponseFlags flags = new ResponseFlags();
  String details = "";
  int attempts;
  String listener = "";
  String virtualHost = "";
  String route = "";
  String cluster = "";
  String host = "";
  @Nullable String policy;
  @Nullable String failure;

  Outcome() {}

  /** HTTP status given to the caller; 0 when none was. */
  public int status() {
    return status;
  }

  public ResponseFlags flags() {
    return flags;
  }

  /** Envoy's response code details: {@code via_upstream}, {@code route_not_found}. */
  public String details() {
    return details;
  }

  /** Attempts started, mirrors not counted. */
  public int attempts() {
    return attempts;
  }

  public String listener() {
    return listener;
  }

  public String virtualHost() {
    return virtualHost;
  }

  /** Name of the route, or its place when it has none. */
  public String route() {
    return route;
  }

  public String cluster() {
    return cluster;
  }

  /** {@code ip:port} of the last attempt; empty when there was none. */
  public String host() {
    return host;
  }

  /** The policy that allowed or denied, when one did. */
  public @Nullable String policy() {
    return policy;
  }

  /** The transport's own words for the last failure. */
  public @Nullable String failure() {
    return failure;
  }

  @Override
  public String toString() {
    return status
        + " "
        + flags
        + " "
        + details
        + " attempts="
        + attempts
        + " listener="
        + listener
        + " route="
        + route
        + " cluster="
        + cluster
        + " host="
        + host
        + (policy == null ? "" : " policy=" + policy)
        + (failure == null ? "" : " failure=" + failure);
  }
}
