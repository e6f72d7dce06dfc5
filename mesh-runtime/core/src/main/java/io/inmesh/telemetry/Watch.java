package io.inmesh.telemetry;

import io.inmesh.config.AccessLogConfig;
import io.inmesh.config.ManagerTelemetry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is done for the requests of one connection manager, made once for each.
 *
 * @param recorder null: nothing is counted
 * @param http null as well then
 * @param istio null: no {@code istio.stats} filter
 * @param logs access logs
 * @param spans null: no spans
 */
record Watch(
    Telemetry owner,
    ManagerTelemetry config,
    @Nullable Recorder recorder,
    @Nullable HttpStats http,
    @Nullable IstioMetrics istio,
    List<AccessLogs.Writer> logs,
    @Nullable Spans spans) {

  /** Nothing at all: the call is not watched. */
  boolean idle() {
    return recorder == null && logs.isEmpty() && spans == null;
  }

  /** A log asks for headers of the response. */
  boolean needsResponse() {
    return !logs.isEmpty() && config.accessLogs().stream().anyMatch(AccessLogConfig::needsResponse);
  }
}
