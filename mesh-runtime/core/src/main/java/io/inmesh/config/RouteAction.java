package io.inmesh.config;

import io.inmesh.http.RequestHead;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What a route does. */
public sealed interface RouteAction {

  /**
   * {@code RouteAction}: to a cluster. Times in nanoseconds.
   *
   * @param timeoutNanos {@code timeout}; 0 = none (the compiler has put in Envoy's 15 s where the
   *     field is missing)
   * @param idleNanos {@code idle_timeout}; 0 = none; negative: not set, the manager's holds
   * @param maxGrpcTimeoutNanos {@code max_grpc_timeout}; negative: {@code grpc-timeout} is not
   *     obeyed; 0: obeyed without a limit
   * @param duration {@code max_stream_duration}, with which {@code timeout} and {@code
   *     max_grpc_timeout} are none; null: not set
   * @param rewrite path after rewriting, and with it {@code x-envoy-original-path}; null: none
   * @param hostRewrite {@code host_rewrite_literal}; null: none
   * @param hostRewriteHeader {@code host_rewrite_header}, in lower case; null: none
   * @param autoHostRewrite {@code auto_host_rewrite}
   * @param appendXForwardedHost {@code append_x_forwarded_host}
   * @param clusterNotFoundStatus 503, or what {@code cluster_not_found_response_code} says
   * @param upgrades names allowed on this route, in lower case; null: the manager's
   */
  record Forward(
      ClusterChoice clusters,
      long timeoutNanos,
      long idleNanos,
      long maxGrpcTimeoutNanos,
      @Nullable StreamDuration duration,
      @Nullable RetryPolicy retry,
      @Nullable HedgePolicy hedge,
      @Nullable PathRewrite rewrite,
      @Nullable String hostRewrite,
      @Nullable String hostRewriteHeader,
      boolean autoHostRewrite,
      boolean appendXForwardedHost,
      List<Mirror> mirrors,
      List<HashPolicy> hashPolicies,
      boolean highPriority,
      int clusterNotFoundStatus,
      @Nullable List<String> upgrades)
      implements RouteAction {}

  /** {@code DirectResponseAction}; the body is text as configured. */
  record DirectResponse(int status, String body) implements RouteAction {}

  /** {@code RedirectAction}: answers with that status and a location made from the request. */
  record Redirect(int status, RedirectLocation location) implements RouteAction {}

  /** {@code NonForwardingAction}: to the application itself (inbound in gRPC's shape). */
  record NonForwarding() implements RouteAction {}

  /** Valid for Envoy, not enforced here: 503 with the reason. */
  record Unsupported(NotYet why) implements RouteAction {}

  /** Chooses the cluster: fixed, weighted, or from a header. */
  interface ClusterChoice {
    /** Null when the request names none ({@code cluster_header} missing). */
    @Nullable Target choose(RequestHead head, LongSupplier random);
  }

  /** A cluster by name, with what {@code weighted_clusters} adds for it. */
  record Target(
      String cluster,
      HeaderEdits requestEdits,
      HeaderEdits responseEdits,
      @Nullable String hostRewrite) {
    public static Target of(String cluster) {
      return new Target(cluster, HeaderEdits.NONE, HeaderEdits.NONE, null);
    }
  }

  /** {@code prefix_rewrite}, {@code regex_rewrite}: full path (with query) in, full path out. */
  @FunctionalInterface
  interface PathRewrite {
    String rewrite(String path);
  }

  /** The {@code location} header of a redirect; rewrites the path of the request on the way. */
  @FunctionalInterface
  interface RedirectLocation {
    String location(RequestHead head);
  }

  /** {@code RequestMirrorPolicy}. */
  record Mirror(String cluster, Fraction fraction, boolean shadowSuffix) {}

  /**
   * A compiled {@code RouteAction.HashPolicy}: adds to the hash, or null if the request has nothing
   * to hash.
   */
  record HashPolicy(HashSource source, boolean terminal) {}

  /** Where a hash comes from. */
  @FunctionalInterface
  interface HashSource {
    /**
     * @param peerIp the downstream address, null when unknown
     */
    @Nullable Long hash(RequestHead head, @Nullable String peerIp);
  }
}
