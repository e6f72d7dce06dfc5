package io.inmesh.config;

import java.util.Map;

/**
 * A compiled {@code AccessLog}.
 *
 * @param target path of the file; name of the log for OpenTelemetry
 * @param format of the line, or the body
 * @param attributes for OpenTelemetry
 * @param needsResponse asks for headers of the response, which then pass the mesh
 */
public record AccessLogConfig(
    Kind kind,
    String target,
    LogFormat format,
    Map<String, LogFormat> attributes,
    LogCondition condition,
    boolean needsResponse) {

  /** Where lines go. */
  public enum Kind {
    /** {@code FileAccessLog}, and the loggers of standard output and error. */
    FILE,
    /** {@code OpenTelemetryAccessLogConfig}: through the application's OpenTelemetry. */
    OPEN_TELEMETRY
  }
}
