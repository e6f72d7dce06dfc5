package io.inmesh.differential;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request.
 *
 * @param status 0: none, the connection was closed
 * @param headers of the answer to the caller, names and values in turn
 * @param route name of the chosen route; empty: none
 * @param cluster that the route chose; empty: none
 * @param upstream what upstreams got, attempts and mirrors
 * @param attempts as the proxy counts them
 */
public record Answer(
    int status,
    String body,
    List<String> headers,
    String route,
    String cluster,
    String flags,
    String details,
    int attempts,
    List<Got> upstream) {

  /** One request as an upstream got it. Header names in lower case. */
  public record Got(
      String cluster, String method, String path, @Nullable String host, List<String> headers) {}

  Answer with(List<Got> upstream) {
    return new Answer(status, body, headers, route, cluster, flags, details, attempts, upstream);
  }
}
