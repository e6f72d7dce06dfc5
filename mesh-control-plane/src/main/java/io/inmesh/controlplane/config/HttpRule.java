package io.inmesh.controlplane.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code spec.http}. Exactly one of {@code route} (not empty), {@code redirect},
 * {@code directResponse} is given.
 *
 * @param timeout zero means none
 */
public record HttpRule(
    String name,
    List<Match> matches,
    List<Destination> route,
    @Nullable Redirect redirect,
    @Nullable DirectResponse directResponse,
    @Nullable Rewrite rewrite,
    Duration timeout,
    @Nullable Retries retries,
    @Nullable Fault fault,
    List<Mirror> mirrors,
    @Nullable Cors cors,
    HeaderOperations headers) {

  /**
   * All conditions must hold. Port, source labels and source namespace are decided here, the rest
   * by the client.
   */
  public record Match(
      String name,
      @Nullable StringMatch uri,
      boolean ignoreUriCase,
      Map<String, StringMatch> headers,
      Map<String, StringMatch> withoutHeaders,
      Map<String, StringMatch> queryParams,
      @Nullable StringMatch method,
      @Nullable StringMatch authority,
      @Nullable StringMatch scheme,
      int port,
      Map<String, String> sourceLabels,
      String sourceNamespace,
      String statPrefix) {}

  /**
   * @param port 0 means the port that was asked for
   */
  public record Destination(
      String host, String subset, int port, int weight, HeaderOperations headers) {}

  /** In the order in which Envoy applies them: set, add, remove. */
  public record HeaderOperations(Changes request, Changes response) {
    static final HeaderOperations NONE = new HeaderOperations(Changes.NONE, Changes.NONE);

    /** What is done to one side's headers. */
    public record Changes(Map<String, String> set, Map<String, String> add, List<String> remove) {
      static final Changes NONE = new Changes(Map.of(), Map.of(), List.of());
    }
  }

  /**
   * @param port 0 means unchanged, -1 the request's own
   */
  public record Redirect(String uri, String authority, String scheme, int port, int code) {}

  /**
   * @param body null means none
   */
  public record DirectResponse(int status, @Nullable String text, byte @Nullable [] bytes) {}

  /**
   * @param regex with substitution: instead of uri
   */
  public record Rewrite(String uri, String authority, String regex, String substitution) {}

  /**
   * @param attempts 0 means no retries at all
   */
  public record Retries(
      int attempts,
      @Nullable Duration perTryTimeout,
      String retryOn,
      boolean retryRemoteLocalities,
      boolean ignorePreviousHosts,
      @Nullable Duration backoff) {}

  /** Percentages are 0 to 100. */
  public record Fault(
      @Nullable Duration delay,
      double delayPercent,
      int abortStatus,
      int abortGrpcStatus,
      double abortPercent) {}

  /** A copy of some requests, whose answers nobody reads. */
  public record Mirror(Destination destination, double percent) {}

  /** Cross-origin policy. */
  public record Cors(
      List<StringMatch> allowOrigins,
      List<String> allowMethods,
      List<String> allowHeaders,
      List<String> exposeHeaders,
      @Nullable Duration maxAge,
      @Nullable Boolean allowCredentials,
      boolean forwardUnmatchedPreflights) {}
}
