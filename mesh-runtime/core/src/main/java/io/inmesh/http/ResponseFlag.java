package io.inmesh.http;

/**
 * Envoy's response flags ({@code %RESPONSE_FLAGS%}), with the short text that logs and metrics
 * show.
 */
public enum ResponseFlag {
  NO_HEALTHY_UPSTREAM("UH", "NoHealthyUpstream", 1),
  UPSTREAM_CONNECTION_FAILURE("UF", "UpstreamConnectionFailure", 5),
  UPSTREAM_OVERFLOW("UO", "UpstreamOverflow", 7),
  NO_ROUTE_FOUND("NR", "NoRouteFound", 8),
  UPSTREAM_RETRY_LIMIT_EXCEEDED("URX", "UpstreamRetryLimitExceeded", 15),
  NO_CLUSTER_FOUND("NC", "NoClusterFound", 24),
  DURATION_TIMEOUT("DT", "DurationTimeout", 22),
  DOWNSTREAM_CONNECTION_TERMINATION("DC", "DownstreamConnectionTermination", 14),
  LOCAL_RESET("LR", "LocalReset", 3),
  UPSTREAM_REQUEST_TIMEOUT("UT", "UpstreamRequestTimeout", 2),
  UPSTREAM_REMOTE_RESET("UR", "UpstreamRemoteReset", 4),
  UPSTREAM_CONNECTION_TERMINATION("UC", "UpstreamConnectionTermination", 6),
  DELAY_INJECTED("DI", "DelayInjected", 9),
  FAULT_INJECTED("FI", "FaultInjected", 10),
  RATE_LIMITED("RL", "RateLimited", 11),
  UNAUTHORIZED_EXTERNAL_SERVICE("UAEX", "UnauthorizedExternalService", 12),
  RATE_LIMIT_SERVICE_ERROR("RLSE", "RateLimitServiceError", 13),
  STREAM_IDLE_TIMEOUT("SI", "StreamIdleTimeout", 16),
  DOWNSTREAM_PROTOCOL_ERROR("DPE", "DownstreamProtocolError", 18),
  UPSTREAM_PROTOCOL_ERROR("UPE", "UpstreamProtocolError", 23),
  UPSTREAM_MAX_STREAM_DURATION_REACHED("UMSDR", "UpstreamMaxStreamDurationReached", 19),
  NO_FILTER_CONFIG_FOUND("NFCF", "NoFilterConfigFound", 21);

  private final String text;
  private final String longText;
  private final int envoyBit;

  ResponseFlag(String text, String longText, int envoyBit) {
    this.text = text;
    this.longText = longText;
    this.envoyBit = envoyBit;
  }

  /** The short form: {@code UH}. */
  public String text() {
    return text;
  }

  /** The long form: {@code NoHealthyUpstream}. */
  public String longText() {
    return longText;
  }

  /** Its place among Envoy's {@code CoreResponseFlag}s. */
  int envoyBit() {
    return envoyBit;
  }

  int bit() {
    return 1 << ordinal();
  }
}
