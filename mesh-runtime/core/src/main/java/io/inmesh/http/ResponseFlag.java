package io.inmesh.http;

/**
 * Envoy's response flags ({@code %RESPONSE_FLAGS%}), with the short text that logs and metrics
 * show.
 */
public enum ResponseFlag {
  NO_HEALTHY_UPSTREAM("UH"),
  UPSTREAM_CONNECTION_FAILURE("UF"),
  UPSTREAM_OVERFLOW("UO"),
  NO_ROUTE_FOUND("NR"),
  UPSTREAM_RETRY_LIMIT_EXCEEDED("URX"),
  NO_CLUSTER_FOUND("NC"),
  DURATION_TIMEOUT("DT"),
  DOWNSTREAM_CONNECTION_TERMINATION("DC"),
  LOCAL_RESET("LR"),
  UPSTREAM_REQUEST_TIMEOUT("UT"),
  UPSTREAM_REMOTE_RESET("UR"),
  UPSTREAM_CONNECTION_TERMINATION("UC"),
  DELAY_INJECTED("DI"),
  FAULT_INJECTED("FI"),
  RATE_LIMITED("RL"),
  UNAUTHORIZED_EXTERNAL_SERVICE("UAEX"),
  RATE_LIMIT_SERVICE_ERROR("RLSE"),
  STREAM_IDLE_TIMEOUT("SI"),
  DOWNSTREAM_PROTOCOL_ERROR("DPE"),
  UPSTREAM_PROTOCOL_ERROR("UPE"),
  UPSTREAM_MAX_STREAM_DURATION_REACHED("UMSDR"),
  NO_FILTER_CONFIG_FOUND("NFCF");

  private final String text;

  ResponseFlag(String text) {
    this.text = text;
  }

  /** The short form: {@code UH}. */
  public String text() {
    return text;
  }

  int bit() {
    return 1 << ordinal();
  }
}
