package io.inmesh.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.logs.LogRecordBuilder;
import io.opentelemetry.api.logs.LoggerProvider;
import io.opentelemetry.api.logs.Severity;
import java.util.Map;

/** Access logs through the application's OpenTelemetry. */
final class OtelLogs implements AccessLogs.Records {
  private final LoggerProvider logs;

  OtelLogs(OpenTelemetry telemetry) {
    this.logs = telemetry.getLogsBridge();
  }

  @Override
  public void emit(String log, String body, Map<String, String> attributes) {
    LogRecordBuilder entry =
        logs.get("io.inmesh.access").logRecordBuilder().setSeverity(Severity.INFO).setBody(body);
    attributes.forEach((key, value) -> entry.setAttribute(AttributeKey.stringKey(key), value));
    if (!log.isEmpty()) {
      entry.setAttribute(AttributeKey.stringKey("log_name"), log);
    }
    entry.emit();
  }
}
